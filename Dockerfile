# The image of web, worker, scheduler and migrate. It runs the same code as `manage.py up` starts:
# `manage.py serve web|worker|scheduler` (smmp/local/children.py).
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/venv/bin/pip install --no-deps --require-hashes --only-binary :all: -r /tmp/requirements.lock
COPY . /app
WORKDIR /app
RUN sh deploy/collect-static.sh /opt/venv/bin/python

FROM python:3.13-slim
RUN groupadd --system --gid 10001 smmp \
    && useradd --system --uid 10001 --gid smmp --home-dir /nonexistent --shell /usr/sbin/nologin smmp \
    && install -d -o smmp -g smmp -m 0700 /var/lib/smmp /var/lib/smmp/media /var/lib/smmp/checkpoints
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=smmp.settings.production \
    SMMP_VAR=/var/lib/smmp \
    SMMP_MEDIA=/var/lib/smmp/media
WORKDIR /app
USER 10001:10001
EXPOSE 8000
CMD ["python", "manage.py", "serve", "web"]
