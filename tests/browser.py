"""A test client that signs people in as the middleware demands: twice."""

from __future__ import annotations

from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import clock
from staff import sessions


class Browser(Client):
    """`force_login` proves both factors, as the sign-in pages would have."""

    def force_login(self, user, backend=None):
        super().force_login(user, backend)
        device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=True, defaults={"name": "test"})
        session = self.session
        at = clock.now().timestamp()
        session["otp_device_id"] = device.persistent_id
        session[sessions.EPOCH] = user.authentication_epoch
        session[sessions.BEGAN] = at
        session[sessions.SEEN] = at
        session.save()
        return self
