; What a unit uses: @call the name of what is called, @type the name of a class or a module.
; A lone word where a value is read may be a variable or a call without arguments.

(call method: (identifier) @call)
(call receiver: (identifier) @call)
(argument_list (identifier) @call)
(body_statement (identifier) @call)
(block_body (identifier) @call)
(then (identifier) @call)
(else (identifier) @call)
(do (identifier) @call)
(return (argument_list (identifier) @call))
(assignment right: (identifier) @call)
(binary [left: (identifier) right: (identifier)] @call)
(interpolation (identifier) @call)

(constant) @type
