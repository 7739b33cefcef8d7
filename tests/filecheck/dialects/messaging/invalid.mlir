// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// The parts of a service stand in a service, services and edges in a workflow.
module {
  // expected-error@+1 {{stands in `builtin.module`: move it into a `workflow.workflow`}}
  messaging.stream "edges"
  // expected-error@+1 {{stands in `builtin.module`: move it into a `workflow.workflow`}}
  messaging.edge @e message (x : f64)
  // expected-error@+1 {{stands in `builtin.module`: move it into a `workflow.workflow`}}
  messaging.service "s" {
  }
  // expected-error@+1 {{stands in `builtin.module`: move it into a `messaging.service`}}
  messaging.permission publish [] subscribe []
  // expected-error@+1 {{stands in `builtin.module`: move it into a `messaging.service`}}
  messaging.step @x () {
    agent.done
  }
}

// -----

// A stage is gone at this level, and messages do not exist before.
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    // expected-error@+1 {{`agent.stage` does not exist at the level `messaging`}}
    agent.stage @on.s (%x: f64) entry [@s] {
      agent.done
    }
  }
}

// -----

module attributes {kumeo.level = "stages"} {
  workflow.workflow @W {
    // expected-error@+1 {{`messaging.stream` does not exist at the level `stages`}}
    messaging.stream "edges"
  }
}

// -----

workflow.workflow @W {
  // expected-error@+1 {{unknown kind `egdes`: write one of edges, journal, timers, targets, inputs}}
  messaging.stream "egdes"
  // expected-error@+1 {{has a size of 0 bytes: write a positive one, or -1 for no limit}}
  messaging.stream "edges" max_bytes 0
  // expected-error@+1 {{unknown kind `letter`: write one of message, parked}}
  messaging.edge @a letter (x : f64)
  // expected-error@+1 {{has two values of the same name}}
  messaging.edge @b message (x : f64, x : f64)
  // expected-error@+1 {{i7 is no data type}}
  messaging.edge @c message (x : i7)
  // expected-error@+1 {{unknown codec `xml`: write one of msgpack, json}}
  messaging.edge @d message (x : f64) codec "xml"
  // expected-error@+1 {{has partitions 0: write a positive number}}
  messaging.edge @e message (x : f64) partitions 0
  // expected-error@+1 {{cannot run in `cobol`: write one of python, rust}}
  messaging.service "s" language "cobol" {
    // expected-error@+1 {{may publish `a..b`, which has an empty part}}
    messaging.permission publish ["a..b"] subscribe []
    // expected-error@+1 {{may subscribe `a.>.b`, which has a `>` that is not its last part}}
    messaging.permission publish [] subscribe ["a.>.b"]
    // expected-error@+1 {{unknown kind `carrier`: write one of llm, http, kafka, mqtt, database}}
    messaging.egress "carrier" to "pigeon"
  }
  // expected-error@+1 {{holds `workflow.target`: it holds handlers, steps and what they need}}
  messaging.service "t" {
    // expected-error@+1 {{stands in `messaging.service`: move it into the workflow or to the top}}
    workflow.target @x nats("x")
  }
}

// -----

// A handler takes what it reads.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  messaging.edge @e message (x : f64, may_fail y : f64)
  messaging.service "s" {
    // expected-error@+1 {{reads nothing: name sources or an edge}}
    messaging.handler "a" reads [] () {
      agent.done
    }
    // expected-error@+1 {{takes other values than `@e` carries}}
    messaging.handler "b" reads [@e] (%x: f64) {
      agent.done
    }
    // expected-error@+1 {{says otherwise than `@e` which values may fail}}
    messaging.handler "c" reads [@e] (%x: f64, %y: f64) {
      agent.done
    }
    // expected-error@+1 {{takes other values than the event of `@s`, f64}}
    messaging.handler "d" reads [@s] (%x: i64) {
      agent.done
    }
    // expected-error@+1 {{says that an event may be a failure: it is none}}
    messaging.handler "e" reads [@s] (may_fail %x: f64) {
      agent.done
    }
    // expected-error@+1 {{unknown setting `credits`: write one of}}
    messaging.handler "f" reads [@s] (%x: f64) consumer {credits = 1 : i64} {
      agent.done
    }
    // expected-error@+1 {{has credit = 0 : i64: write a whole number from 1}}
    messaging.handler "g" reads [@s] (%x: f64) consumer {credit = 0 : i64} {
      agent.done
    }
    // expected-error@+1 {{has 2 durables for 1 that it reads}}
    messaging.handler "h" reads [@s] (%x: f64) durables ["a", "b"] {
      agent.done
    }
    // expected-error@+1 {{reads an edge and something else}}
    messaging.handler "i" reads [@s, @e] (%x: f64, may_fail %y: f64) {
      agent.done
    }
    // expected-error@+1 {{uses `@nobody`, but no source or edge has this name}}
    messaging.handler "j" reads [@nobody] (%x: f64) {
      agent.done
    }
    // expected-error@+1 {{ends in `agent.yield`: end it with agent.goto, branch, switch, park or done}}
    messaging.handler "k" reads [@s] (%x: f64) {
      // expected-error@+1 {{ends a region of an agent, not the body of `messaging.handler`}}
      agent.yield
    }
  }
}

// -----

// A way leads to a step of the service, or over an edge of its kind.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  messaging.edge @m message (x : f64)
  messaging.edge @p parked (x : f64)
  messaging.service "s" {
    messaging.handler "a" reads [@s] (%x: f64) {
      // expected-error@+1 {{goes to `@m`, which is a messaging.edge: write `message`, or name a step}}
      agent.goto inline @m(%x : f64)
    }
    messaging.handler "b" reads [@s] (%x: f64) {
      // expected-error@+1 {{goes to `@p`, which is a parked edge: park there}}
      agent.goto message @p(%x : f64)
    }
    messaging.handler "c" reads [@s] (%x: f64) {
      // expected-error@+1 {{goes to `@m`, which is a message edge: do not park}}
      agent.park @m(%x : f64)
    }
    messaging.handler "d" reads [@s] (%x: f64) {
      // expected-error@+1 {{goes to `@step`, which is a step of the service: enter it `inline`}}
      agent.goto message @step(%x : f64)
    }
    messaging.handler "e" reads [@s] (%x: f64) {
      // expected-error@+1 {{passes nothing to `@step`, which takes f64}}
      agent.goto inline @step()
    }
    messaging.handler "f" reads [@s] (%x: f64) {
      // expected-error@+1 {{uses `@other`, but no stage or step or edge has this name}}
      agent.goto inline @other(%x : f64)
    }
    messaging.step @step (%x: f64) {
      agent.done
    }
  }
  messaging.service "t" {
    messaging.step @other (%x: f64) {
      agent.done
    }
  }
}

// -----

// A journal holds one agent, and is named as it.
workflow.subworkflow @f (%p: !data.str) -> () {
  // expected-error@+1 {{has the key "b", not the site of the agent}}
  %a = messaging.journal "b" {
    %0 = agent.llm "p/m" (prompt = %p) id "a" site "a" : (!data.str) -> !data.str
    agent.yield %0 : !data.str
  } : !data.str
  // expected-error@+1 {{holds exactly one agent and an agent.yield}}
  %b = messaging.journal "x" {
    agent.yield %p : !data.str
  } : !data.str
  // expected-error@+1 {{yields something else than the answer}}
  %c = messaging.journal "c" {
    %0 = agent.llm "p/m" (prompt = %p) id "c" site "c" : (!data.str) -> !data.str
    agent.yield %p : !data.str
  } : !data.str
  // expected-error@+1 {{gives f64, but the agent !data.str}}
  %d = messaging.journal "d" {
    %0 = agent.llm "p/m" (prompt = %p) id "d" site "d" : (!data.str) -> !data.str
    agent.yield %0 : !data.str
  } : f64
  workflow.return
}

// -----

// Names say what there is once.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  messaging.stream "edges"
  // expected-error@+1 {{is the second stream "edges": give it another name}}
  messaging.stream "edges"
  messaging.edge @e message (x : f64)
  messaging.service "s" {
    messaging.handler "a" reads [@s] (%x: f64) {
      agent.goto message @e(%x : f64)
    }
    // expected-error@+1 {{is the second handler "a": give it another name}}
    messaging.handler "a" reads [@e] (%x: f64) {
      agent.done
    }
  }
  // expected-error@+1 {{is the second service "s": give it another name}}
  messaging.service "s" {
    // expected-error@+1 {{hides the edge `@e` from its service: name it otherwise}}
    messaging.step @e (%x: f64) {
      agent.done
    }
    // expected-error@+1 {{is the second handler of the source `@s`: let one read it and do the work}}
    messaging.handler "b" reads [@s] (%x: f64) {
      agent.goto inline @e(%x : f64)
    }
  }
}

// -----

// An edge has one reader and somebody who sends; a step is entered; all handlers of an activation
// report to one place.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  // expected-error@+1 {{is read by 0 handlers: exactly one reads an edge}}
  messaging.edge @none message (x : f64)
  // expected-error@+1 {{is read by 2 handlers: exactly one reads an edge}}
  messaging.edge @two message (x : f64)
  // expected-error@+1 {{is an edge that nothing sends to: erase it with its handler}}
  messaging.edge @dead message (x : f64)
  messaging.edge @p parked (x : f64)
  messaging.service "s" {
    messaging.handler "a" reads [@s] (%x: f64) on_error @t {
      %c = data.compare gt, %x, %x : f64
      agent.branch %c, message @none(%x : f64), message @two(%x : f64)
    }
    messaging.handler "b" reads [@two] (%x: f64) on_error @t {
      agent.park @p(%x : f64)
    }
    // expected-error@+1 {{reports to the dead letters, its senders to `@t`}}
    messaging.handler "c" reads [@two] (%x: f64) {
      agent.done
    }
    messaging.handler "d" reads [@dead] (%x: f64) {
      agent.done
    }
    // expected-error@+1 {{reads a parked edge, but no agent in it waits for an answer}}
    messaging.handler "e" reads [@p] (%x: f64) on_error @t {
      agent.done
    }
    // expected-error@+1 {{is entered by nothing in its service: erase it}}
    messaging.step @lost (%x: f64) {
      agent.done
    }
  }
}

// -----

// A token visits each body at most once.
workflow.workflow @W {
  messaging.edge @e message (x : f64)
  messaging.service "s" {
    // expected-error@+1 {{can be reached from itself: a token visits each body at most once}}
    messaging.handler "a" reads [@e] (%x: f64) {
      agent.goto message @e(%x : f64)
    }
  }
}
