// RUN: kumeo-opt %s --split-input-file -p size-streams | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'size-streams,size-streams' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'size-streams{credit-max=20 concurrency=3 attempts=5 ack-wait-min-s=7}' | filecheck %s --check-prefix=SMALL
// RUN: kumeo-opt %s --split-input-file -p 'size-streams{payload-max-bytes=65536}' | filecheck %s --check-prefix=SPILL
// RUN: not kumeo-opt %s --split-input-file -p 'size-streams{attempts=0}' 2>&1 | filecheck %s --check-prefix=BAD
// RUN: not kumeo-opt %s --split-input-file -p 'size-streams{payload-max-bytes=4096}' 2>&1 | filecheck %s --check-prefix=TINY
// RUN: kumeo-opt %s --split-input-file -p size-streams -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// SMALL: consumer {ack_wait_s = 7 : i64, credit = 20 : i64, credit_bytes = 16777216 : i64, concurrency = 3 : i64, attempts = 5 : i64,
// SPILL: spill_bytes 61440
// BAD: limits are positive, and the largest is not below the smallest
// TINY: `payload-max-bytes` is more than 4096
// REMARK: size-streams: has an ack wait of 189 s: a run may take 63 s
// REMARK: size-streams: is expected to spill: a message has about

// The ack wait is three times the longest way through the agents: a step counts, a person does not.
// The size of a message follows from its types, with the event if it goes along.
// CHECK-LABEL: workflow.workflow @Sizes {
// CHECK:     messaging.stream "edges" max_bytes 82800000
// CHECK-NEXT:     messaging.stream "journal" max_bytes 4294967296
// CHECK-NEXT:     messaging.stream "timers" max_bytes -1
// CHECK-NEXT:     messaging.edge @run.b message (x : f64, s : !data.str) carries_event size_bytes 414 spill_bytes 1044480{{$}}
// CHECK-NEXT:     messaging.edge @run.check parked (x : f64) size_bytes 265 spill_bytes 1044480{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%e: !data.record<{a: f64, name: !data.str}>) consumer {ack_wait_s = 30 : i64, credit = 1024 : i64, credit_bytes = 16777216 : i64, concurrency = 64 : i64, attempts = 12 : i64, live_max = 100000 : i64} {
// CHECK-NEXT:         %x = data.get %e["a"] : f64
// CHECK-NEXT:         %s = data.get %e["name"] : !data.str
// CHECK-NEXT:         agent.goto message @run.b(%x, %s : f64, !data.str)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "b" {
// CHECK-NEXT:       messaging.handler "run.b" reads [@run.b] (%x: f64, %s: !data.str) consumer {ack_wait_s = 189 : i64, credit = 1024 : i64, credit_bytes = 16777216 : i64, concurrency = 64 : i64, attempts = 12 : i64, live_max = 100000 : i64} {
// CHECK-NEXT:         %c = data.compare gt, %x, %x : f64
// CHECK-NEXT:         agent.branch %c, inline @ask(%x, %s : f64, !data.str), inline @quick(%x : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.step @ask (%x: f64, %s: !data.str) {
// CHECK-NEXT:         %a = agent.llm "p/m" (prompt = %s) id "a" site "a" policy<timeout = 20000000, attempts = 3, backoff = exponential, delay = 1000000> : (!data.str) -> !data.str
// CHECK-NEXT:         agent.goto inline @quick(%x : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.step @quick (%x: f64) {
// CHECK-NEXT:         agent.park @run.check(%x : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.check" reads [@run.check] (%x: f64) consumer {ack_wait_s = 30 : i64, credit = 1024 : i64, credit_bytes = 16777216 : i64, concurrency = 64 : i64, attempts = 12 : i64, live_max = 100000 : i64} {
// CHECK-NEXT:         %r = agent.review (input = %x) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Sizes {
    workflow.source @s nats("a") : !data.record<{a: f64, name: !data.str}>
    messaging.stream "edges"
    messaging.stream "journal"
    messaging.stream "timers"
    messaging.edge @run.b message (x : f64, s : !data.str) carries_event
    messaging.edge @run.check parked (x : f64)
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%e: !data.record<{a: f64, name: !data.str}>) {
        %x = data.get %e["a"] : f64
        %s = data.get %e["name"] : !data.str
        agent.goto message @run.b(%x, %s : f64, !data.str)
      }
    }
    messaging.service "b" {
      messaging.handler "run.b" reads [@run.b] (%x: f64, %s: !data.str) {
        %c = data.compare gt, %x, %x : f64
        agent.branch %c, inline @ask(%x, %s : f64, !data.str), inline @quick(%x : f64)
      }
      messaging.step @ask (%x: f64, %s: !data.str) {
        %a = agent.llm "p/m" (prompt = %s) id "a" site "a" policy<timeout = 20000000, attempts = 3, backoff = exponential, delay = 1000000> : (!data.str) -> !data.str
        agent.goto inline @quick(%x : f64)
      }
      messaging.step @quick (%x: f64) {
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

// What the author says of a source wins; what is set stays, a batch too. A huge message spills, and
// fewer of them are taken at once.
// CHECK-LABEL: workflow.workflow @Given {
// CHECK:     messaging.stream "edges" max_bytes 1000000
// CHECK-NEXT:     messaging.edge @run.b message (x : !data.list<!data.list<!data.list<!data.list<!data.json>>>>) carries_event size_bytes 4198070 spill_bytes 1044480{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: !data.list<!data.list<!data.list<!data.list<!data.json>>>>) consumer {ack_wait_s = 5 : i64, credit = 16 : i64, credit_bytes = 16777216 : i64, concurrency = 64 : i64, attempts = 12 : i64, live_max = 1 : i64} {
// CHECK-NEXT:         agent.goto message @run.b(%x : !data.list<!data.list<!data.list<!data.list<!data.json>>>>)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.b" reads [@run.b] (%x: !data.list<!data.list<!data.list<!data.list<!data.json>>>>) consumer {ack_wait_s = 30 : i64, credit = 16 : i64, credit_bytes = 16777216 : i64, concurrency = 64 : i64, attempts = 2 : i64, live_max = 100000 : i64, batch_max = 8 : i64, batch_wait_us = 0 : i64} {
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Given {
    workflow.source @s nats("a") {ack_wait_s = 5 : i64} : !data.list<!data.list<!data.list<!data.list<!data.json>>>>
    messaging.stream "edges" max_bytes 1000000
    messaging.edge @run.b message (x : !data.list<!data.list<!data.list<!data.list<!data.json>>>>) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: !data.list<!data.list<!data.list<!data.list<!data.json>>>>) {
        agent.goto message @run.b(%x : !data.list<!data.list<!data.list<!data.list<!data.json>>>>)
      }
      messaging.handler "run.b" reads [@run.b] (%x: !data.list<!data.list<!data.list<!data.list<!data.json>>>>) consumer {batch_max = 8 : i64, batch_wait_us = 0 : i64, attempts = 2 : i64} {
        agent.done
      }
    }
  }
}

// -----

// Nothing to size.
// CHECK: builtin.module attributes {kumeo.level = "messaging"} {
// CHECK: }
module attributes {kumeo.level = "messaging"} {
}
