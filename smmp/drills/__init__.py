"""What `manage.py faults` and `manage.py bench` let go wrong, or fast, beside the platform's own processes."""
