; JSX is translated before any engine reads it.

(jsx_element) @beyond
(jsx_self_closing_element) @beyond
