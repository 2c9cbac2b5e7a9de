; What is newer than C# 7, or was left out of mcs.

(file_scoped_namespace_declaration) @beyond
(using_directive "global") @beyond
(record_declaration) @beyond
(class_declaration (parameter_list)) @beyond
(struct_declaration (parameter_list)) @beyond
(accessor_declaration "init") @beyond
((modifier) @beyond (#any-of? @beyond "required" "file"))
(local_function_statement (modifier) @_static (#eq? @_static "static")) @beyond
(lambda_expression (modifier) @_static (#eq? @_static "static")) @beyond

(local_declaration_statement "using") @beyond
(using_statement "await") @beyond
(foreach_statement "await") @beyond
(switch_statement (switch_body (switch_section (when_clause)))) @beyond
(switch_statement (switch_body (switch_section (declaration_pattern)))) @beyond

(switch_expression) @beyond
(with_expression) @beyond
(collection_expression) @beyond
(implicit_object_creation_expression) @beyond
(range_expression) @beyond
(prefix_unary_expression "^") @beyond
(postfix_unary_expression "!") @beyond
(assignment_expression "??=") @beyond
(default_expression !type) @beyond
(raw_string_literal) @beyond
(string_literal_encoding) @beyond

(negated_pattern) @beyond
(and_pattern) @beyond
(or_pattern) @beyond
(relational_pattern) @beyond
(recursive_pattern) @beyond
(list_pattern) @beyond
(var_pattern) @beyond
