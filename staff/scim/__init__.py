"""SCIM 2.0 (RFC 7643, RFC 7644): how people and groups look to the force's directory. No writes here."""
