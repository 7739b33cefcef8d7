// RUN: kumeo-opt %s --split-input-file -p journal-effects | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'journal-effects,journal-effects' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p journal-effects -o /dev/null --remarks --pass-statistics 2>&1 | filecheck %s --check-prefix=REMARK

// REMARK: journal-effects: the answer of `a` is recorded
// REMARK: journal-effects: the answer of `inner` is recorded
// REMARK: journal-effects: `check` has no record: the message brings its answer

// An answer of a language model is recorded, also in a fallback; one of a model file is not.
// CHECK-LABEL: workflow.workflow @Recorded {
// CHECK:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: !data.str) {
// CHECK-NEXT:         %a = messaging.journal "a" {
// CHECK-NEXT:           %0 = agent.llm "p/m" (prompt = %x) id "a" site "a" fallback {
// CHECK-NEXT:             %inner = messaging.journal "inner" {
// CHECK-NEXT:               %1 = agent.llm "p/n" (prompt = %x) id "inner" site "inner" : (!data.str) -> !data.str
// CHECK-NEXT:               agent.yield %1 : !data.str
// CHECK-NEXT:             } : !data.str
// CHECK-NEXT:             agent.yield %inner : !data.str
// CHECK-NEXT:           } : (!data.str) -> !data.str
// CHECK-NEXT:           agent.yield %0 : !data.str
// CHECK-NEXT:         } : !data.str
// CHECK-NEXT:         %b = agent.model @m (%a) id "b" site "b" : (!data.str) -> !data.str
// CHECK-NEXT:         agent.observe %b : !data.str
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Recorded {
    workflow.source @s nats("a") : !data.str
    workflow.model @m onnx("m.onnx")
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: !data.str) {
        %a = agent.llm "p/m" (prompt = %x) id "a" site "a" fallback {
          %inner = agent.llm "p/n" (prompt = %x) id "inner" site "inner" : (!data.str) -> !data.str
          agent.yield %inner : !data.str
        } : (!data.str) -> !data.str
        %b = agent.model @m (%a) id "b" site "b" : (!data.str) -> !data.str
        agent.observe %b : !data.str
        agent.done
      }
    }
  }
}

// -----

// What acts is recorded, too, in loops as well: the key has the iteration.
// CHECK-LABEL: workflow.workflow @Loops {
// CHECK:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%xs: !data.list<!data.str>) {
// CHECK-NEXT:         %ys = workflow.foreach (%x: !data.str) in %xs -> (!data.list<!data.str>) {
// CHECK-NEXT:           %y = messaging.journal "f" {
// CHECK-NEXT:             %0 = agent.call @f (%x) effects "acts" id "f" site "f" : (!data.str) -> !data.str
// CHECK-NEXT:             agent.yield %0 : !data.str
// CHECK-NEXT:           } : !data.str
// CHECK-NEXT:           %z = agent.call @g (%y) effects "pure" id "g" site "g" : (!data.str) -> !data.str
// CHECK-NEXT:           workflow.yield %z : !data.str
// CHECK-NEXT:         }
// CHECK-NEXT:         agent.observe %ys : !data.list<!data.str>
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  agent.extern @f python("m:f") effects "acts" : (!data.str) -> !data.str
  agent.extern @g python("m:g") effects "pure" : (!data.str) -> !data.str
  workflow.workflow @Loops {
    workflow.source @s nats("a") : !data.list<!data.str>
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%xs: !data.list<!data.str>) {
        %ys = workflow.foreach (%x: !data.str) in %xs -> (!data.list<!data.str>) {
          %y = agent.call @f (%x) effects "acts" id "f" site "f" : (!data.str) -> !data.str
          %z = agent.call @g (%y) effects "pure" id "g" site "g" : (!data.str) -> !data.str
          workflow.yield %z : !data.str
        }
        agent.observe %ys : !data.list<!data.str>
        agent.done
      }
    }
  }
}

// -----

// The answer that a message brings needs no record. In the body of a `try` it stands in a watch. A
// second wait in the same handler is recorded.
// CHECK-LABEL: workflow.workflow @Waits {
// CHECK:     messaging.edge @run.check parked (x : f64) carries_event{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: f64) {
// CHECK-NEXT:         agent.park @run.check(%x : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.check" reads [@run.check] (%x: f64) {
// CHECK-NEXT:         %none = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
// CHECK-NEXT:         %first = agent.watch %none {
// CHECK-NEXT:           %r = agent.review (input = %x) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:           %q = messaging.journal "second" {
// CHECK-NEXT:             %0 = agent.review (input = %x) id "second" site "second" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:             agent.yield %0 : !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:           } : !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:           agent.yield
// CHECK-NEXT:         }
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Waits {
    workflow.source @s nats("a") : f64
    messaging.edge @run.check parked (x : f64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        agent.park @run.check(%x : f64)
      }
      messaging.handler "run.check" reads [@run.check] (%x: f64) {
        %none = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
        %first = agent.watch %none {
          %r = agent.review (input = %x) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
          %q = agent.review (input = %x) id "second" site "second" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
          agent.yield
        }
        agent.done
      }
    }
  }
}

// -----

// Nothing to record.
// CHECK: builtin.module attributes {kumeo.level = "messaging"} {
// CHECK: }
module attributes {kumeo.level = "messaging"} {
}
