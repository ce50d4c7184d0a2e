"""The test suite on every supported Airflow and Python, and on both ends of the dependencies (`make matrix`)."""
