"""How far the checks can be believed: against gold code, and against the compilers themselves."""
