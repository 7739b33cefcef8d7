"""The messaging level: messages between handlers, and what becomes of them under faults.

`wire` says what a message holds; the interpreter sends every value through it, also without faults.
`simulate` delivers messages late, twice and out of order, and kills workers, under a seed.
"""
