"""Passes, pipelines of them and the manager that runs pipelines.

Nothing is imported here: a tool that runs no pass pays for none (`kumeo-opt` starts 20 % faster).
`base` is what authors of passes need, `registry` and `pipelines` are the tables, `resolve` and
`manager` run a pipeline.
"""
