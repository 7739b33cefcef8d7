"""Stores that answer SQL: SQLite, PostgreSQL, and tables in CSV and Parquet files."""
