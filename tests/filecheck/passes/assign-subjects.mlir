// RUN: kumeo-opt %s --split-input-file -p assign-subjects | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'assign-subjects,assign-subjects' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'assign-subjects{keyed-partitions=8}' | filecheck %s --check-prefix=EIGHT
// RUN: not kumeo-opt %s --split-input-file -p 'assign-subjects{keyed-partitions=0}' 2>&1 | filecheck %s --check-prefix=BAD
// RUN: kumeo-opt %s --split-input-file -p assign-subjects -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// EIGHT: messaging.edge @run.b message (x : f64) carries_event token "run_b" {{.*}} partitions 8
// BAD: `keyed-partitions` is at least 1
// REMARK: assign-subjects: has the token `run_a-{{[0-9a-f]+}}`: the plain one is taken or long

// Streams, edges and consumers get names; a parked edge is read where answers arrive. Behind sources
// with a key an edge has partitions.
// CHECK-LABEL: workflow.workflow @PaymentFlow2 {
// CHECK:     messaging.stream "edges" name "{ns}_payment_flow2_E" subjects ["kumeo.{ns}.payment_flow2.e.>"]
// CHECK-NEXT:     messaging.stream "journal" name "{ns}_payment_flow2_J" subjects ["kumeo.{ns}.payment_flow2.j.>", "kumeo.{ns}.payment_flow2.a.>", "kumeo.{ns}.payment_flow2.s.>", "kumeo.{ns}.payment_flow2.d.>"]
// CHECK-NEXT:     messaging.stream "timers" name "{ns}_payment_flow2_T" subjects ["kumeo.{ns}.payment_flow2.t.>"]
// CHECK-NEXT:     messaging.stream "targets" name "{ns}_payment_flow2_O" subjects ["kumeo.{ns}.payment_flow2.o.>"]
// CHECK-NEXT:     messaging.stream "inputs" name "{ns}_payment_flow2_I" subjects ["kumeo.{ns}.payment_flow2.i.>"]
// CHECK-NEXT:     messaging.edge @run.b message (x : f64) carries_event token "run_b" subject "kumeo.{ns}.payment_flow2.e.run_b.{partition}.{id}" partitions 64{{$}}
// CHECK-NEXT:     messaging.edge @run.check parked (x : f64) carries_event token "run_check" subject "kumeo.{ns}.payment_flow2.t.r.run_check.{id}" partitions 1{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%e: !data.record<{a: f64}>) durables ["kumeo_{ns}_payment_flow2_s_s"] {
// CHECK-NEXT:         %x = data.get %e["a"] : f64
// CHECK-NEXT:         agent.goto message @run.b(%x : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.b" reads [@run.b] (%x: f64) durables ["e_run_b"] {
// CHECK-NEXT:         agent.park @run.check(%x : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.check" reads [@run.check] (%x: f64) durables ["e_run_check"] {
// CHECK-NEXT:         %r = agent.review (input = %x) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @PaymentFlow2 {
    workflow.source @s nats("payments.*.raw") key "a" : !data.record<{a: f64}>
    messaging.stream "edges"
    messaging.stream "journal"
    messaging.stream "timers"
    messaging.stream "targets"
    messaging.stream "inputs"
    messaging.edge @run.b message (x : f64) carries_event
    messaging.edge @run.check parked (x : f64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%e: !data.record<{a: f64}>) {
        %x = data.get %e["a"] : f64
        agent.goto message @run.b(%x : f64)
      }
      messaging.handler "run.b" reads [@run.b] (%x: f64) {
        agent.park @run.check(%x : f64)
      }
      messaging.handler "run.check" reads [@run.check] (%x: f64) {
        %r = agent.review (input = %x) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
        agent.done
      }
    }
  }
}

// -----

// A source without a key gives no order. Names that would share a token are told apart by a hash, one
// that is a token keeps it. A token that is given stays, and nobody else gets it.
// CHECK-LABEL: workflow.workflow @Same {
// CHECK:     messaging.edge @run.a message (x : i1) carries_event token "run_a-1060f229" subject "kumeo.{ns}.same.e.run_a-1060f229.{partition}.{id}" partitions 1{{$}}
// CHECK-NEXT:     messaging.edge @"run:a" message (x : i1) carries_event token "run_a-13e9b7aa" subject "kumeo.{ns}.same.e.run_a-13e9b7aa.{partition}.{id}" partitions 1{{$}}
// CHECK-NEXT:     messaging.edge @run_a message (x : i1) carries_event token "run_a" subject "kumeo.{ns}.same.e.run_a.{partition}.{id}" partitions 1{{$}}
// CHECK-NEXT:     messaging.edge @given message (x : i1) carries_event token "free" subject "kumeo.{ns}.same.e.free.{partition}.{id}" partitions 4{{$}}
// CHECK-NEXT:     messaging.edge @free message (x : i1) carries_event token "free-2" subject "kumeo.{ns}.same.e.free-2.{partition}.{id}" partitions 1{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s, @k] (%x: i1) durables ["kumeo_{ns}_same_s_s", "kumeo_{ns}_same_s_k"] {
// CHECK-NEXT:         agent.branch %x, message @run.a(%x : i1), message @"run:a"(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.a" reads [@run.a] (%x: i1) durables ["e_run_a-1060f229"] {
// CHECK-NEXT:         agent.goto message @run_a(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run:a" reads [@"run:a"] (%x: i1) durables ["e_run_a-13e9b7aa"] {
// CHECK-NEXT:         agent.goto message @given(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run_a" reads [@run_a] (%x: i1) durables ["e_run_a"] {
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "given" reads [@given] (%x: i1) durables ["e_free"] {
// CHECK-NEXT:         agent.goto message @free(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "free" reads [@free] (%x: i1) durables ["e_free-2"] {
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Same {
    workflow.source @s nats("a") : i1
    workflow.source @k nats("b") key "card" : i1
    messaging.edge @run.a message (x : i1) carries_event
    messaging.edge @"run:a" message (x : i1) carries_event
    messaging.edge @run_a message (x : i1) carries_event
    messaging.edge @given message (x : i1) carries_event token "free" partitions 4
    messaging.edge @free message (x : i1) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s, @k] (%x: i1) {
        agent.branch %x, message @run.a(%x : i1), message @"run:a"(%x : i1)
      }
      messaging.handler "run.a" reads [@run.a] (%x: i1) {
        agent.goto message @run_a(%x : i1)
      }
      messaging.handler "run:a" reads [@"run:a"] (%x: i1) {
        agent.goto message @given(%x : i1)
      }
      messaging.handler "run_a" reads [@run_a] (%x: i1) {
        agent.done
      }
      messaging.handler "given" reads [@given] (%x: i1) {
        agent.goto message @free(%x : i1)
      }
      messaging.handler "free" reads [@free] (%x: i1) {
        agent.done
      }
    }
  }
}

// -----

// Nothing to name.
// CHECK: builtin.module attributes {kumeo.level = "messaging"} {
// CHECK: }
module attributes {kumeo.level = "messaging"} {
}
