// RUN: kumeo-opt %s --split-input-file -p 'assign-subjects,derive-permissions' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'assign-subjects,derive-permissions,derive-permissions' | filecheck %s

// A service publishes to its own outputs, targets and consumers; one that records also to the journal,
// one that keeps state there, too. It may not publish to what only another service sends.
// CHECK-LABEL: workflow.workflow @Flow {
// CHECK:     messaging.edge @run.b message (x : !data.str) carries_event token "run_b" subject "kumeo.{ns}.flow.e.run_b.{partition}.{id}" partitions 1{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.permission publish ["$JS.ACK.{ns}_S_a_raw.kumeo_{ns}_flow_s_s.>", "$JS.API.CONSUMER.INFO.{ns}_S_a_raw.kumeo_{ns}_flow_s_s", "$JS.API.CONSUMER.INFO.{ns}_flow_E.e_run_b", "$JS.API.CONSUMER.MSG.NEXT.{ns}_S_a_raw.kumeo_{ns}_flow_s_s", "$JS.API.INFO", "$JS.API.STREAM.INFO.{ns}_S_a_raw", "$JS.API.STREAM.INFO.{ns}_flow_E", "$JS.API.STREAM.MSG.GET.{ns}_flow_J", "kumeo.{ns}.flow.a.>", "kumeo.{ns}.flow.d.>", "kumeo.{ns}.flow.e.run_b.>", "kumeo.{ns}.flow.s.>", "out.failed"] subscribe ["_INBOX.{ns}.flow.s.>"]
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: !data.str) on_error @failed durables ["kumeo_{ns}_flow_s_s"] {
// CHECK-NEXT:         %n = agent.aggregate (key = %x, n = %x) reducers ["count"] id "n" site "n" : (!data.str, !data.str) -> !data.record<{n: i64}>
// CHECK-NEXT:         agent.goto message @run.b(%x : !data.str)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "b" {
// CHECK-NEXT:       messaging.permission publish ["$JS.ACK.{ns}_flow_E.e_run_b.>", "$JS.ACK.{ns}_flow_O.kumeo_{ns}_flow_t_call.>", "$JS.API.CONSUMER.INFO.{ns}_flow_E.e_run_b", "$JS.API.CONSUMER.INFO.{ns}_flow_O.kumeo_{ns}_flow_t_call", "$JS.API.CONSUMER.MSG.NEXT.{ns}_flow_E.e_run_b", "$JS.API.CONSUMER.MSG.NEXT.{ns}_flow_O.kumeo_{ns}_flow_t_call", "$JS.API.INFO", "$JS.API.STREAM.INFO.{ns}_flow_E", "$JS.API.STREAM.MSG.GET.{ns}_flow_J", "kumeo.{ns}.flow.a.>", "kumeo.{ns}.flow.d.>", "kumeo.{ns}.flow.j.>", "kumeo.{ns}.flow.o.call", "out.failed", "out.t"] subscribe ["_INBOX.{ns}.flow.b.>"]
// CHECK-NEXT:       messaging.handler "run.b" reads [@run.b] (%x: !data.str) on_error @failed durables ["e_run_b"] {
// CHECK-NEXT:         %a = messaging.journal "a" {
// CHECK-NEXT:           %0 = agent.llm "p/m" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
// CHECK-NEXT:           agent.yield %0 : !data.str
// CHECK-NEXT:         } : !data.str
// CHECK-NEXT:         workflow.emit %a : !data.str to @t site "t"
// CHECK-NEXT:         workflow.emit %a : !data.str to @call site "call"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Flow {
    workflow.source @s nats("a.raw") : !data.str
    workflow.target @t nats("out.t")
    workflow.target @call http("https://x.example")
    workflow.target @failed nats("out.failed")
    messaging.edge @run.b message (x : !data.str) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: !data.str) on_error @failed {
        %n = agent.aggregate (key = %x, n = %x) reducers ["count"] id "n" site "n" : (!data.str, !data.str) -> !data.record<{n: i64}>
        agent.goto message @run.b(%x : !data.str)
      }
    }
    messaging.service "b" {
      messaging.permission publish ["everything.>"] subscribe [">"]
      messaging.handler "run.b" reads [@run.b] (%x: !data.str) on_error @failed {
        %a = messaging.journal "a" {
          %0 = agent.llm "p/m" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
          agent.yield %0 : !data.str
        } : !data.str
        workflow.emit %a : !data.str to @t site "t"
        workflow.emit %a : !data.str to @call site "call"
        agent.done
      }
    }
  }
}

// -----

// Who parks writes tasks and timers; who goes on after reads timers and answers. A source that is no
// subject of NATS is published to by the service that reads it.
// CHECK-LABEL: workflow.workflow @Park {
// CHECK:     messaging.edge @run.check parked (x : f64) carries_event token "run_check" subject "kumeo.{ns}.park.t.r.run_check.{id}" partitions 1{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.permission publish ["$JS.ACK.{ns}_park_I.kumeo_{ns}_park_s_s.>", "$JS.API.CONSUMER.INFO.{ns}_park_I.kumeo_{ns}_park_s_s", "$JS.API.CONSUMER.MSG.NEXT.{ns}_park_I.kumeo_{ns}_park_s_s", "$JS.API.INFO", "$JS.API.STREAM.INFO.{ns}_park_I", "$JS.API.STREAM.MSG.GET.{ns}_park_I", "$JS.API.STREAM.MSG.GET.{ns}_park_J", "$JS.API.STREAM.MSG.GET.{ns}_park_T", "kumeo.{ns}.park.a.>", "kumeo.{ns}.park.d.>", "kumeo.{ns}.park.i.s", "kumeo.{ns}.park.i.s.position", "kumeo.{ns}.park.t.a.>", "kumeo.{ns}.park.t.q.>", "kumeo.{ns}.park.t.r.run_check.>", "kumeo.{ns}.park.t.s.>"] subscribe ["_INBOX.{ns}.park.s.>"]
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: f64) durables ["kumeo_{ns}_park_s_s"] {
// CHECK-NEXT:         agent.park @run.check(%x : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "check" {
// CHECK-NEXT:       messaging.permission publish ["$JS.ACK.{ns}_park_T.e_run_check.>", "$JS.ACK.{ns}_park_T.timers.>", "$JS.API.CONSUMER.INFO.{ns}_park_T.e_run_check", "$JS.API.CONSUMER.MSG.NEXT.{ns}_park_T.e_run_check", "$JS.API.CONSUMER.MSG.NEXT.{ns}_park_T.timers", "$JS.API.INFO", "$JS.API.STREAM.INFO.{ns}_park_T", "$JS.API.STREAM.MSG.GET.{ns}_park_J", "$JS.API.STREAM.MSG.GET.{ns}_park_T", "kumeo.{ns}.park.a.>", "kumeo.{ns}.park.d.>", "kumeo.{ns}.park.t.a.>", "kumeo.{ns}.park.t.q.>", "kumeo.{ns}.park.t.r.run_check.>", "kumeo.{ns}.park.t.s.>"] subscribe ["_INBOX.{ns}.park.check.>"]
// CHECK-NEXT:       messaging.handler "run.check" reads [@run.check] (%x: f64) durables ["e_run_check"] {
// CHECK-NEXT:         %r = agent.review (input = %x) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Park {
    workflow.source @s http("/x") : f64
    messaging.edge @run.check parked (x : f64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        agent.park @run.check(%x : f64)
      }
    }
    messaging.service "check" {
      messaging.handler "run.check" reads [@run.check] (%x: f64) {
        %r = agent.review (input = %x) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
        agent.done
      }
    }
  }
}

// -----

// A stream and a consumer that exist are used by their own names.
// CHECK-LABEL: workflow.workflow @Bound {
// CHECK:       messaging.permission publish ["$JS.ACK.ORDERS.mine.>", "$JS.API.CONSUMER.INFO.ORDERS.mine", "$JS.API.CONSUMER.MSG.NEXT.ORDERS.mine", "$JS.API.INFO", "$JS.API.STREAM.INFO.ORDERS", "$JS.API.STREAM.MSG.GET.{ns}_bound_J", "kumeo.{ns}.bound.a.>", "kumeo.{ns}.bound.d.>"] subscribe ["_INBOX.{ns}.bound.s.>"]
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: f64) durables ["mine"] {
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Bound {
    workflow.source @s nats("orders.eu") {stream = "ORDERS", durable = "mine"} : f64
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        agent.done
      }
    }
  }
}

// -----

// A call whose pauses double to 16 s needs schedules, the messages that have waited, and the stream
// of both. The agent with a key beside it waits in its lane; one of 10 s waits in the handler.
// CHECK-LABEL: workflow.workflow @Patient {
// CHECK:     messaging.service "b" {
// CHECK-NEXT:       messaging.permission publish ["$JS.ACK.{ns}_patient_E.e_run_b.>", "$JS.ACK.{ns}_patient_T.w_e_run_b.>", "$JS.API.CONSUMER.INFO.{ns}_patient_E.e_run_b", "$JS.API.CONSUMER.INFO.{ns}_patient_T.w_e_run_b", "$JS.API.CONSUMER.MSG.NEXT.{ns}_patient_E.e_run_b", "$JS.API.CONSUMER.MSG.NEXT.{ns}_patient_T.w_e_run_b", "$JS.API.INFO", "$JS.API.STREAM.INFO.{ns}_patient_E", "$JS.API.STREAM.INFO.{ns}_patient_T", "$JS.API.STREAM.MSG.GET.{ns}_patient_J", "kumeo.{ns}.patient.a.>", "kumeo.{ns}.patient.d.>", "kumeo.{ns}.patient.j.>", "kumeo.{ns}.patient.t.l.e_run_b.>"] subscribe ["_INBOX.{ns}.patient.b.>"]
// CHECK:     messaging.service "s" {
// CHECK-NOT: _patient_T
// CHECK:     messaging.service "k" {
// CHECK-NOT: _patient_T
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Patient {
    workflow.source @s nats("a.raw") : !data.str
    workflow.source @k nats("a.keyed") key "x" : !data.record<{x: !data.str}>
    messaging.edge @run.b message (x : !data.str)
    messaging.service "b" {
      messaging.handler "run.b" reads [@run.b] (%x: !data.str) {
        %a = messaging.journal "a" {
          %0 = agent.llm "p/m" (prompt = %x) id "a" site "a" policy<attempts = 4, backoff = exponential, delay = 4000000> : (!data.str) -> !data.str
          agent.yield %0 : !data.str
        } : !data.str
        agent.done
      }
    }
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: !data.str) {
        %a = messaging.journal "c" {
          %0 = agent.llm "p/m" (prompt = %x) id "c" site "c" policy<attempts = 9, backoff = fixed, delay = 10000000> : (!data.str) -> !data.str
          agent.yield %0 : !data.str
        } : !data.str
        agent.goto message @run.b(%x : !data.str)
      }
    }
    messaging.service "k" {
      messaging.handler "on.k" reads [@k] (%r: !data.record<{x: !data.str}>) {
        %x = data.get %r["x"] : !data.str
        %a = messaging.journal "d" {
          %0 = agent.llm "p/m" (prompt = %x) id "d" site "d" policy<attempts = 2, backoff = fixed, delay = 60000000> : (!data.str) -> !data.str
          agent.yield %0 : !data.str
        } : !data.str
        agent.done
      }
    }
  }
}

// -----

// A language model keeps state with a cache, and with a budget for an hour or a day. A budget for an
// event is in the journal.
// CHECK-LABEL: workflow.workflow @Spend {
// CHECK:     messaging.service "hour" {
// CHECK-NEXT:       messaging.permission publish [{{.*}}"kumeo.{ns}.spend.j.>", "kumeo.{ns}.spend.s.>"]
// CHECK:     messaging.service "cache" {
// CHECK-NEXT:       messaging.permission publish [{{.*}}"kumeo.{ns}.spend.j.>", "kumeo.{ns}.spend.s.>"]
// CHECK:     messaging.service "event" {
// CHECK-NOT: spend.s.>
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Spend {
    workflow.source @h nats("a.h") : !data.str
    workflow.source @c nats("a.c") : !data.str
    workflow.source @e nats("a.e") : !data.str
    messaging.service "hour" {
      messaging.handler "on.h" reads [@h] (%x: !data.str) {
        %a = messaging.journal "a" {
          %0 = agent.llm "p/m" (prompt = %x) settings {budget = {tokens = 9 : i64, per = "hour"}} id "a" site "a" : (!data.str) -> !data.str
          agent.yield %0 : !data.str
        } : !data.str
        agent.done
      }
    }
    messaging.service "cache" {
      messaging.handler "on.c" reads [@c] (%x: !data.str) {
        %a = messaging.journal "c" {
          %0 = agent.llm "p/m" (prompt = %x) settings {cache = true} id "a" site "c" : (!data.str) -> !data.str
          agent.yield %0 : !data.str
        } : !data.str
        agent.done
      }
    }
    messaging.service "event" {
      messaging.handler "on.e" reads [@e] (%x: !data.str) {
        %a = messaging.journal "e" {
          %0 = agent.llm "p/m" (prompt = %x) settings {budget = {usd = 0.5 : f64, per = "event"}} id "a" site "e" : (!data.str) -> !data.str
          agent.yield %0 : !data.str
        } : !data.str
        agent.done
      }
    }
  }
}

// -----

// Nothing to permit.
// CHECK: builtin.module attributes {kumeo.level = "messaging"} {
// CHECK: }
module attributes {kumeo.level = "messaging"} {
}
