"""Every rule about the schedule, holds and disposals."""
