// RUN: kumeo-opt %s --split-input-file -p convert-to-messaging --verify-diagnostics

// A message does not wait for an answer, a parked task does: one edge cannot be both.
module attributes {kumeo.level = "stages"} {
  workflow.workflow @Mixed {
    workflow.source @s nats("a") : i1
    agent.stage @on.s (%x: i1) entry [@s] {
      agent.branch %x, inline @wait(%x : i1), message @run.check(%x : i1)
    }
    agent.stage @wait (%x: i1) {
      agent.park @run.check(%x : i1)
    }
    // expected-error@+1 {{is entered by parking and otherwise: let all edges park}}
    agent.stage @run.check (%x: i1) {
      %r = agent.review (input = %x) id "check" site "check" : (i1) -> !data.record<{decision: !data.enum<"yes", "no">}>
      agent.done
    }
  }
}

// -----

// Nor can it be a step, in which nobody waits.
module attributes {kumeo.level = "stages"} {
  workflow.workflow @Mixed {
    workflow.source @s nats("a") : i1
    agent.stage @on.s (%x: i1) entry [@s] {
      agent.branch %x, inline @wait(%x : i1), inline @run.check(%x : i1)
    }
    agent.stage @wait (%x: i1) {
      agent.park @run.check(%x : i1)
    }
    // expected-error@+1 {{is entered by parking and otherwise: let all edges park}}
    agent.stage @run.check (%x: i1) {
      %r = agent.review (input = %x) id "check" site "check" : (i1) -> !data.record<{decision: !data.enum<"yes", "no">}>
      agent.done
    }
  }
}

// -----

// A service is one process, written in one language.
module attributes {kumeo.level = "stages"} {
  workflow.workflow @Mixed {
    workflow.source @s nats("a") : i1
    agent.stage @on.s (%x: i1) entry [@s] language "python" service "a" {
      agent.goto message @next(%x : i1)
    }
    // expected-error@+1 {{is in the service "a", which has stages of python and rust: give it another}}
    agent.stage @next (%x: i1) language "rust" service "a" {
      agent.done
    }
  }
}

// -----

// A source has one consumer.
module attributes {kumeo.level = "stages"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    agent.stage @one (%x: f64) entry [@s] {
      agent.done
    }
    // expected-error@+1 {{is the second stage of the source `@s`: let one read it and do the work}}
    agent.stage @two (%x: f64) entry [@s] {
      agent.done
    }
  }
}
