"""Recording: single facts that people enter, each durable in a new version when it answers."""
