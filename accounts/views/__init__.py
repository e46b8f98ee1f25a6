"""The register of official accounts, and the people around it."""
