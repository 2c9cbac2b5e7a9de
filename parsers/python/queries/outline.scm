; What a Python file declares.  The captures are explained in parsers/README.md.

(import_statement name: (dotted_name) @import.name @each) @import
(import_statement
  name: (aliased_import name: (_) @import.name alias: (_) @import.alias) @each) @import
(import_from_statement module_name: (_) @import.name) @import
(import_from_statement name: (_) @import.member) @import
(import_from_statement (wildcard_import) @import.wildcard) @import
(future_import_statement "__future__" @import.name) @import

(module . (comment)* . (expression_statement . (string)) @header)

(class_definition "class" @form name: (_) @name) @type
(class_definition type_parameters: (_) @type_parameters) @type
(class_definition superclasses: (argument_list
  [(identifier) (attribute) (subscript) (call)] @base)) @type
(class_definition body: (block . (comment)* . (expression_statement . (string)) @docs)) @type

(function_definition name: (_) @name parameters: (_) @parameters body: (_) @body) @function
(function_definition return_type: (_) @result) @function
(function_definition type_parameters: (_) @type_parameters) @function
(function_definition "async" @modifier) @function
(decorated_definition (decorator) @annotation definition: (function_definition) @function)
(decorated_definition (decorator) @annotation definition: (class_definition) @type)

(parameters (identifier) @parameter @parameter.name)
(parameters (default_parameter name: (_) @parameter.name value: (_) @parameter.default) @parameter)
(parameters (typed_parameter . (identifier) @parameter.name type: (_) @parameter.type) @parameter)
(parameters (typed_default_parameter
  name: (_) @parameter.name type: (_) @parameter.type value: (_) @parameter.default) @parameter)
(parameters (list_splat_pattern "*" @parameter.variadic (_) @parameter.name) @parameter)
(parameters (typed_parameter
  (list_splat_pattern "*" @parameter.variadic (_) @parameter.name) type: (_) @parameter.type)
  @parameter)
(parameters (dictionary_splat_pattern) @parameter.name @parameter)
(parameters (typed_parameter (dictionary_splat_pattern) @parameter.name) @parameter)

(module (expression_statement . (assignment left: (identifier) @name) .) @field)
(module (expression_statement . (assignment left: (identifier) right: (_) @value) .) @field)
(module (expression_statement . (assignment left: (identifier) type: (_) @result) .) @field)
(class_definition body: (block
  (expression_statement . (assignment left: (identifier) @name) .) @field))
(class_definition body: (block
  (expression_statement . (assignment left: (identifier) right: (_) @value) .) @field))
(class_definition body: (block
  (expression_statement . (assignment left: (identifier) type: (_) @result) .) @field))

; A string below a field tells about it.
(module (expression_statement . (assignment left: (identifier)) .) @field
  . (expression_statement . (string) .) @docs)
(class_definition body: (block
  (expression_statement . (assignment left: (identifier)) .) @field
  . (expression_statement . (string) .) @docs))

(module [(expression_statement) (if_statement) (for_statement) (while_statement)
  (with_statement) (try_statement) (match_statement) (assert_statement) (delete_statement)
  (raise_statement) (return_statement) (global_statement) (print_statement) (exec_statement)
  (type_alias_statement)] @statement)
(class_definition body: (block [(expression_statement) (if_statement) (for_statement) (while_statement)
  (with_statement) (try_statement) (match_statement) (assert_statement) (delete_statement)
  (raise_statement) (return_statement) (global_statement) (print_statement) (exec_statement)
  (type_alias_statement)] @statement))
