// RUN: kumeo-opt %s --split-input-file -p 'layout-prompts{lines-first=true to-system=true}' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'layout-prompts{lines-first=true to-system=true},layout-prompts{lines-first=true to-system=true}' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'layout-prompts{lines-first=true to-system=true}' --remarks 2>&1 | filecheck %s --check-prefix REMARK

// REMARK: agent `b` keeps its order of lines: it is not plain

// Lines without holes go first, then to `system`; another reader of the prompt keeps its text.
// CHECK-LABEL: workflow.subworkflow @Move
// CHECK:       %p = data.format "Mail: {{..}} s {{..}}\0ABe brief.\0ABe kind.\0A" (s = %s)
// CHECK:       data.constant "You judge.\0ABe brief.\0ABe kind." : !data.str
// CHECK:       data.format "Mail: {{..}} s {{..}}\0A" (s = %s)
// CHECK-NEXT:  agent.llm {{.*}} attributes {kumeo.static_prefix = 35 : i64}
workflow.subworkflow @Move (%s: !data.str) -> (i1, !data.str) {
  %p = data.format "Mail: {{ s }}\0ABe brief.\0ABe kind.\0A" (s = %s)
  %y = data.constant "You judge." : !data.str
  %r = agent.llm "m" (prompt = %p, system = %y) id "r" site "r" : (!data.str, !data.str) -> i1
  workflow.return %r, %p : i1, !data.str
}

// -----

// Guard: templates with blocks keep their lines, and a `system` that varies keeps its text.
// CHECK-LABEL: workflow.subworkflow @Stay
// CHECK:       %p = data.format "{{..}} if s {{..}}\0Ax\0A{{..}} endif {{..}}" (s = %s)
// CHECK-NEXT:  agent.llm "m" (prompt = %p)
// CHECK:       data.format "Be brief.\0A{{..}} s {{..}}" (s = %s)
// CHECK-NEXT:  agent.llm "m" (prompt = {{.*}}, system = %s)
// CHECK:       data.format "Be brief: {{..}} s {{..}}" (s = %s)
// CHECK-NEXT:  agent.llm "m" (prompt = %k)
workflow.subworkflow @Stay (%s: !data.str) -> (i1, i1, i1) {
  %p = data.format "{% if s %}\0Ax\0A{% endif %}" (s = %s)
  %b = agent.llm "m" (prompt = %p) id "b" site "b" : (!data.str) -> i1
  %q = data.format "Be brief.\0A{{ s }}" (s = %s)
  %c = agent.llm "m" (prompt = %q, system = %s) id "c" site "c" : (!data.str, !data.str) -> i1
  %k = data.format "Be brief: {{ s }}" (s = %s)
  %d = agent.llm "m" (prompt = %k) id "d" site "d" : (!data.str) -> i1
  workflow.return %b, %c, %d : i1, i1, i1
}
