; What a unit uses: @call is the name of what is called, @type the name of a type.

(call_expression . (identifier) @call)
(call_expression . (navigation_expression (identifier) @call .))
(infix_expression (_) . (identifier) @call . (_))
(callable_reference (identifier) @call .)
(user_type (identifier) @type)
