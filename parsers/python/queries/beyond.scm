; What is newer than Python 3.11.

(type_alias_statement) @beyond
(function_definition type_parameters: (_)) @beyond
(class_definition type_parameters: (_)) @beyond
