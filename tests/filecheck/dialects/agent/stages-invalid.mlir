// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// What a stage says about itself.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  // expected-error@+1 {{an entry stage takes exactly one argument, the event}}
  agent.stage @a (%x: f64, %y: f64) entry [@s] {
    agent.done
  }
  // expected-error@+1 {{is an entry but names no source}}
  agent.stage @b (%x: f64) entry [] {
    agent.done
  }
  // expected-error@+1 {{only an entry stage has `on_error`}}
  agent.stage @c (%x: f64) on_error @t {
    agent.done
  }
  // expected-error@+1 {{cannot run in `cobol`: write one of python, rust}}
  agent.stage @d (%x: f64) language "cobol" {
    agent.done
  }
  // expected-error@+1 {{has a batch of 0: write at least 1}}
  agent.stage @e (%x: f64) batch_max 0 {
    agent.done
  }
  // expected-error@+1 {{has a region that ends in `data.constant`: end it with a terminator}}
  agent.stage @f (%x: f64) {
    %c = data.constant true : i1
  }
  // expected-error@+1 {{ends in `agent.yield`: end it with agent.goto, branch, switch, park or done}}
  agent.stage @g (%x: f64) {
    // expected-error@+1 {{ends a region of an agent, not the body of `agent.stage`}}
    agent.yield
  }
}

// -----

// The event has the type of the source.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  // expected-error@+1 {{takes an event of type i64, but the source gives f64}}
  agent.stage @a (%x: i64) entry [@s] {
    agent.done
  }
}

// -----

// A stage stands in a workflow, and its terminators in a stage.
// expected-error@+1 {{stands in `builtin.module`: move it into a `workflow.workflow`}}
agent.stage @a () {
  agent.done
}
// expected-error@+1 {{has a region that ends in `agent.done`: end it with `workflow.return`}}
workflow.subworkflow @f () {
  // expected-error@+1 {{ends an agent.stage, not the body of `workflow.subworkflow`}}
  agent.done
}

// -----

// Edges: targets, types, entries.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %c = data.constant true : i1
    // expected-error@+1 {{uses `@bb`, but no stage or step or edge has this name}}
    agent.branch %c, message @bb(%x : f64), done
  }
  agent.stage @b (%x: f64) {
    %d = data.constant true : i1
    // expected-error@+1 {{passes i1 to `@c`, which takes f64}}
    agent.goto message @c(%d : i1)
  }
  agent.stage @c (%x: f64) {
    // expected-error@+1 {{goes to `@on.s`, which only events start}}
    agent.goto message @on.s(%x : f64)
  }
  agent.stage @d (%x: f64) {
    // expected-error@+1 {{uses `@s`, which is a source, not a stage or step or edge}}
    agent.goto message @s(%x : f64)
  }
}

// -----

// Conditions and cases.
workflow.workflow @W {
  agent.stage @a (%x: f64, %l: !data.enum<"low", "high">) {
    // expected-error@+1 {{has a condition of type f64: it must be an i1}}
    agent.branch %x, done, done
  }
  agent.stage @b (%x: f64, %l: !data.enum<"low", "high">) {
    // expected-error@+1 {{has no case for "high" and no default: add one}}
    agent.switch %l : !data.enum<"low", "high"> case "low" done
  }
  agent.stage @c (%x: f64, %l: !data.enum<"low", "high">) {
    // expected-error@+1 {{`medium` is no value of the enum: it has low, high}}
    agent.switch %l : !data.enum<"low", "high"> case "medium" done default done
  }
}

// -----

// The lists behind edges, which only the generic form can get wrong.
workflow.workflow @W {
  agent.stage @a (%x: f64) {
    // expected-error@+1 {{has an edge that is `fast`: write one of inline, message, done}}
    "agent.goto"(%x) <{targets = [@b], modes = ["fast"], counts = [1]}> : (f64) -> ()
  }
  agent.stage @b (%x: f64) {
    // expected-error@+1 {{has lists of modes, targets and values that do not agree}}
    "agent.goto"(%x) <{targets = [@c], modes = ["message"], counts = [2]}> : (f64) -> ()
  }
  agent.stage @c (%x: f64) {
    // expected-error@+1 {{has lists of modes, targets and values that do not agree}}
    "agent.goto"(%x) <{targets = [], modes = ["message"], counts = [1]}> : (f64) -> ()
  }
  agent.stage @d (%x: f64) {
    // expected-error@+1 {{has 0 edges, not 1}}
    "agent.goto"() <{targets = [], modes = [], counts = []}> : () -> ()
  }
  agent.stage @e (%x: f64) {
    // expected-error@+1 {{has an edge that is `message`: write one of park}}
    "agent.park"() <{targets = [@d], modes = ["message"], counts = [0]}> : () -> ()
  }
}

// -----

// A token visits each stage at most once.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    agent.goto message @a(%x : f64)
  }
  // expected-error@+1 {{can be reached from itself: a token visits each stage at most once}}
  agent.stage @a (%x: f64) {
    agent.goto inline @b(%x : f64)
  }
  agent.stage @b (%x: f64) {
    agent.goto message @a(%x : f64)
  }
}

// -----

// Every stage belongs to one entry.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.source @r nats("b") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    agent.goto message @a(%x : f64)
  }
  agent.stage @on.r (%x: f64) entry [@r] {
    agent.goto message @a(%x : f64)
  }
  // expected-error@+1 {{belongs to the entries `@on.s` and `@on.r`: give each a stage of its own}}
  agent.stage @a (%x: f64) {
    agent.done
  }
  // expected-error@+1 {{is reached by no edge: erase it, or name its sources with `entry`}}
  agent.stage @b (%x: f64) {
    agent.done
  }
}

// -----

// An id may come again in another stage, but not in the same one.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.model @m onnx("m")
  agent.stage @on.s (%x: f64) entry [@s] {
    %c = agent.model @m (%x) id "m" site "m1" : (f64) -> i1
    agent.branch %c, message @a(%x : f64), message @b(%x : f64)
  }
  agent.stage @a (%x: f64) {
    %y = agent.model @m (%x) id "n" site "m2" : (f64) -> f64
    // expected-error@+1 {{uses the id "n" again: give it an id of its own}}
    %z = agent.model @m (%x) id "n" site "m3" : (f64) -> f64
    agent.done
  }
  agent.stage @b (%x: f64) {
    %y = agent.model @m (%x) id "n" site "m4" : (f64) -> f64
    agent.done
  }
}

// -----

// At the level `stages` the bodies are gone, and before it there are no stages.
builtin.module attributes {kumeo.level = "stages"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    // expected-error@+1 {{`workflow.on` does not exist at the level `stages`}}
    workflow.on @s (%x: f64) {
      workflow.return
    }
  }
}

// -----

builtin.module attributes {kumeo.level = "workflow"} {
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    // expected-error@+1 {{`agent.stage` does not exist at the level `workflow`}}
    agent.stage @on.s (%x: f64) entry [@s] {
      // expected-error@+1 {{`agent.done` does not exist at the level `workflow`}}
      agent.done
    }
  }
}

// -----

// A watch yields what it gives; ops for failures stand in a body.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %none = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
    // expected-error@+1 {{yields values of other types than the op gives}}
    %first, %r = agent.watch %none -> (i1) {
      agent.yield %x : f64
    }
    // expected-error@+1 {{i32 is no data type}}
    %f = agent.failure_of %x : f64 -> i32
    agent.done
  }
}
%c = data.constant true : i1
// expected-error@+1 {{stands outside of a body}}
agent.observe %c : i1
