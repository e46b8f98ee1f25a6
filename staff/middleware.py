"""Nobody in who has not proved two factors."""


class SignedInTwice:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)
