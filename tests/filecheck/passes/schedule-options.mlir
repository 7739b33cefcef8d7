// RUN: kumeo-opt %s -p 'schedule{waves=false}' | filecheck %s
// RUN: kumeo-opt %s -p schedule --remarks 2>&1 | filecheck %s --check-prefix REMARK

// Without waves only the order changes.
// CHECK-LABEL: workflow.subworkflow @Options
// CHECK-NEXT:  %n = data.len %s
// CHECK-NEXT:  agent.llm
// CHECK-NOT:   kumeo.wave

// REMARK: schedule: may run at the same time: `a`, `b`
// REMARK: schedule: `v` reads nothing of what it waits for: an act is before it
workflow.subworkflow @Options (%s: !data.str) -> (i1, i1, i64) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "m" (prompt = %s) id "b" site "b" : (!data.str) -> i1
  %n = data.len %s
  %w = agent.review (input = %a) settings {} id "w" site "w" : (i1) -> !data.record<{decision: !data.enum<"a">}>
  %v = agent.review (input = %s) settings {} id "v" site "v" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
  workflow.return %a, %b, %n : i1, i1, i64
}
