"""Single sign-on by OpenID Connect: talking to the force's provider and judging what it says. No writes."""
