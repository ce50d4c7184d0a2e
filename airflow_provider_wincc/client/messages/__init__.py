"""Messages (alarms): what is configured, and what the runtime lists show. The client's methods are the way in."""
