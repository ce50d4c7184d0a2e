"""Exports of messages (alarms) into files and tables, and what can be kept of their texts there."""
