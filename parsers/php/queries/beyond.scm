; What is newer than PHP 8.2.

(property_hook_list) @beyond
(const_declaration type: (_)) @beyond
