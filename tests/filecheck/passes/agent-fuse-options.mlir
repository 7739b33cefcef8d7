// What the numbers of the model decide.
// RUN: kumeo-opt %s -p agent-fuse | filecheck %s --check-prefix=DEFAULT
// RUN: kumeo-opt %s -p 'agent-fuse{retry-rate=0.2}' --remarks 2>&1 | filecheck %s --check-prefix=RETRY
// RUN: kumeo-opt %s -p 'agent-fuse{journal-us=60}' --remarks 2>&1 | filecheck %s --check-prefix=JOURNAL
// RUN: kumeo-opt %s -p 'agent-fuse{hop-share=0.2}' --remarks 2>&1 | filecheck %s --check-prefix=SHARE
// RUN: kumeo-opt %s -p 'agent-fuse{copies-max=1}' --remarks 2>&1 | filecheck %s --check-prefix=COPIES
// RUN: not kumeo-opt %s -p 'agent-fuse{hop-us=-1.0}' 2>&1 | filecheck %s --check-prefix=NEGATIVE

// NEGATIVE: error[invalid-pass-option]: option `hop-us` of pass `agent-fuse` is refused: times and rates are not negative

workflow.model @m onnx("m")
workflow.context @db database("db")
workflow.target @t nats("t")
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    // Half a millisecond of deterministic work would be done again in each fifth run.
    // DEFAULT: agent.goto inline @run.b
    // RETRY: agent.goto message @run.b
    // SHARE: agent.goto message @run.b
    agent.goto message @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> i1
    // DEFAULT: agent.branch %b, message @run.slow(%a : f64), inline @run.o(%a : f64)
    agent.branch %b, message @run.slow(%a : f64), message @run.o(%a : f64)
  }
  agent.stage @run.slow (%a: f64) {
    %b = agent.query @db (x = %a) sql "select :x" id "q" site "q" cost<latency = 20000, price = 0.0, tokens = 0> : (f64) -> f64
    // The answer of the database would need an entry in the journal.
    // DEFAULT: agent.goto inline @run.o
    // JOURNAL: agent.goto message @run.o
    agent.goto message @run.o(%b : f64)
  }
  agent.stage @run.o (%x: f64) {
    workflow.emit %x : f64 to @t site "o"
    agent.done
  }
}

// RETRY: the edge to `@run.b` stays: fusing would cost 100 us, a hop costs 55 us
// SHARE: the edge to `@run.b` stays: a hop is less than 20% of its work of 502 us
// JOURNAL: the edge to `@run.o` stays: fusing would cost 60 us, a hop costs 55 us
// COPIES-NOT: the edge to `@run.o` stays: fusing
// COPIES: the edge to `@run.o` stays: it would be compiled into more than 1 services
