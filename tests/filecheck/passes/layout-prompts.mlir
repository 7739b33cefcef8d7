// RUN: kumeo-opt %s --split-input-file -p layout-prompts | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'layout-prompts, layout-prompts' | filecheck %s

// Constants become text of the template: texts, enum values, numbers and truth values.
// CHECK-LABEL: workflow.subworkflow @Fill
// CHECK:       %p = data.format "Be brief: high 3 true {{..}} body {{..}}!" (body = %s)
// CHECK-NEXT:  agent.llm "m" (prompt = %p) {{.*}} attributes {kumeo.static_prefix = 22 : i64}
workflow.subworkflow @Fill (%s: !data.str) -> (i1) {
  %a = data.constant "Be brief" : !data.str
  %b = data.constant "high" : !data.enum<"low", "high">
  %c = data.constant 3 : i64
  %d = data.constant true : i1
  %p = data.format "{{ a }}: {{ b.x }} {{ c }} {{d}} {{ body }}!" (a = %a, b.x = %b, c = %c, d = %d, body = %s)
  %r = agent.llm "m" (prompt = %p) id "r" site "r" : (!data.str) -> i1
  workflow.return %r : i1
}

// -----

// A template without holes is a constant; the prefix goes over `system` and all of the prompt.
// CHECK-LABEL: workflow.subworkflow @Constant
// CHECK:       %p = data.constant "Be brief." : !data.str
// CHECK:       agent.llm "m" (prompt = %p, system = %y) {{.*}} attributes {kumeo.static_prefix = 14 : i64}
workflow.subworkflow @Constant () -> (i1) {
  %a = data.constant "brief" : !data.str
  %p = data.format "Be {{ a }}." (a = %a)
  %y = data.constant "Judge" : !data.str
  %r = agent.llm "m" (prompt = %p, system = %y) id "r" site "r" : (!data.str, !data.str) -> i1
  workflow.return %r : i1
}

// -----

// The prefix ends where `system` begins to vary, at any mark, and before white space that it takes.
// CHECK-LABEL: workflow.subworkflow @Prefix
// CHECK:       agent.llm {{.*}} site "r" attributes {kumeo.static_prefix = 3 : i64}
// CHECK:       agent.llm {{.*}} site "q" attributes {kumeo.static_prefix = 2 : i64}
// CHECK:       agent.llm {{.*}} site "t" attributes {kumeo.static_prefix = 0 : i64}
workflow.subworkflow @Prefix (%s: !data.str) -> (i1, i1, i1) {
  %y = data.format "Be {{ s }}" (s = %s)
  %c = data.constant "text" : !data.str
  %r = agent.llm "m" (prompt = %c, system = %y) id "r" site "r" : (!data.str, !data.str) -> i1
  %p = data.format "ab  {%- if s %}x{% endif %}" (s = %s)
  %q = agent.llm "m" (prompt = %p) id "q" site "q" : (!data.str) -> i1
  %t = agent.llm "m" (prompt = %s) id "t" site "t" : (!data.str) -> i1
  workflow.return %r, %q, %t : i1, i1, i1
}

// -----

// Guard: text that the template engine would read keeps its hole.
// CHECK-LABEL: workflow.subworkflow @Marks
// CHECK:       data.format "{{..}} a {{..}} {{..}} s {{..}}" (a = %a, s = %s)
// CHECK:       data.format "{{...}} b {{..}} {{..}} s {{..}}" (b = %b, s = %s)
// CHECK:       data.format "{{..}} e {{..}}% {{..}} s {{..}}" (e = %e, s = %s)
// CHECK:       data.format "{{..}} f {{..}} {{..}} s {{..}}" (f = %f, s = %s)
workflow.subworkflow @Marks (%s: !data.str) -> (!data.str, !data.str, !data.str, !data.str) {
  %a = data.constant "{{ s }}" : !data.str
  %1 = data.format "{{ a }} {{ s }}" (a = %a, s = %s)
  %b = data.constant "b" : !data.str
  %2 = data.format "{{{ b }} {{ s }}" (b = %b, s = %s)
  %e = data.constant "{" : !data.str
  %3 = data.format "{{ e }}% {{ s }}" (e = %e, s = %s)
  %f = data.constant "a\0Db" : !data.str
  %4 = data.format "{{ f }} {{ s }}" (f = %f, s = %s)
  workflow.return %1, %2, %3, %4 : !data.str, !data.str, !data.str, !data.str
}

// -----

// Guard: a template with a block, a filter or an expression keeps its holes.
// CHECK-LABEL: workflow.subworkflow @Blocks
// CHECK:       data.format "{{..}} if s {{..}}{{..}} a {{..}}{{..}} endif {{..}}" (a = %a, s = %s)
// CHECK:       data.format "{{..}} a | upper {{..}}{{..}} a {{..}} {{..}} s {{..}}" (a = %a, s = %s)
// CHECK:       data.format "{{..}}- a {{..}} {{..}} s {{..}}" (a = %a, s = %s)
workflow.subworkflow @Blocks (%s: !data.str) -> (!data.str, !data.str, !data.str) {
  %a = data.constant "x" : !data.str
  %1 = data.format "{% if s %}{{ a }}{% endif %}" (a = %a, s = %s)
  %2 = data.format "{{ a | upper }}{{ a }} {{ s }}" (a = %a, s = %s)
  %3 = data.format "{{- a }} {{ s }}" (a = %a, s = %s)
  workflow.return %1, %2, %3 : !data.str, !data.str, !data.str
}

// -----

// Guard: other constants, which are shown as JSON, and values that are not known, keep their holes.
// CHECK-LABEL: workflow.subworkflow @Kinds
// CHECK:       data.format "{{..}} a {{..}} {{..}} s {{..}}" (a = %a, s = %s)
workflow.subworkflow @Kinds (%s: !data.str) -> (!data.str) {
  %a = data.constant 1.5 : f64
  %1 = data.format "{{ a }} {{ s }}" (a = %a, s = %s)
  workflow.return %1 : !data.str
}

// -----

// Guard: a hole that is a part of another hole keeps its name.
// CHECK-LABEL: workflow.subworkflow @Parts
// CHECK:       data.format "{{..}} x {{..}} {{..}} x.a {{..}}" (x = %s, x.a = %a)
workflow.subworkflow @Parts (%s: !data.map<!data.str>) -> (!data.str) {
  %a = data.constant "x" : !data.str
  %1 = data.format "{{ x }} {{ x.a }}" (x = %s, x.a = %a)
  workflow.return %1 : !data.str
}

// -----

// A constant that became text goes; one that something else reads stays.
// CHECK-LABEL: workflow.subworkflow @Unread
// CHECK-NEXT:  %b = data.constant "b"
// CHECK-NEXT:  data.format "a b {{..}} s {{..}}" (s = %s)
workflow.subworkflow @Unread (%s: !data.str) -> (!data.str, !data.str) {
  %a = data.constant "a" : !data.str
  %b = data.constant "b" : !data.str
  %1 = data.format "{{ a }} {{ b }} {{ s }}" (a = %a, b = %b, s = %s)
  workflow.return %1, %b : !data.str, !data.str
}

// -----

// Without an option the lines stay where they are.
// CHECK-LABEL: workflow.subworkflow @Order
// CHECK:       data.format "{{..}} s {{..}}\0ABe brief." (s = %s)
workflow.subworkflow @Order (%s: !data.str) -> (i1) {
  %p = data.format "{{ s }}\0ABe brief." (s = %s)
  %r = agent.llm "m" (prompt = %p) id "r" site "r" : (!data.str) -> i1
  workflow.return %r : i1
}

// -----

// A chain, tools and a budget stay as they are; what never changes is counted without them.
// CHECK-LABEL: workflow.subworkflow @Kept
// CHECK:       agent.llm "m/a" (prompt = %p) settings {engines = ["m/a", "n/b"], budget = {tokens = 100 : i64, per = "event"}} tools [@look] id "r" site "r" attributes {kumeo.static_prefix = 6 : i64}
agent.extern @look python("m:f") effects "read" {parameters = ["q"]} : (!data.str) -> f64
workflow.subworkflow @Kept (%s: !data.str) -> (i1) {
  %p = data.format "Judge {{ s }}" (s = %s)
  %r = agent.llm "m/a" (prompt = %p) settings {engines = ["m/a", "n/b"], budget = {tokens = 100 : i64, per = "event"}} tools [@look] id "r" site "r" : (!data.str) -> i1
  workflow.return %r : i1
}

// -----

// Nothing in an empty module changes.
// CHECK-LABEL: builtin.module @Empty {
// CHECK-NEXT:  }
builtin.module @Empty {
}
