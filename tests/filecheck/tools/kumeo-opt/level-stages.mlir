// `-O` stays at the level `workflow`; `--level stages` adds the passes that lower to it.
// RUN: kumeo-opt %s -O0 --level stages --dump-pass-pipeline 2>&1 | filecheck %s --check-prefix=O0
// RUN: kumeo-opt %s -O2 --level stages --dump-pass-pipeline 2>&1 | filecheck %s --check-prefix=O2
// RUN: kumeo-opt %s -O2 --dump-pass-pipeline 2>&1 | filecheck %s --check-prefix=PLAIN
// RUN: not kumeo-opt %s --level stages 2>&1 | filecheck %s --check-prefix=NONE
// RUN: not kumeo-opt %s -O0 --level numeric 2>&1 | filecheck %s --check-prefix=FAR

// O0:    inline-subworkflows,split-stages,assign-language,place-services,verify-level{level=stages}
// O0:    kumeo.level = "stages"
// O0:    agent.goto message @run.b
// O2:    split-stages,agent-fuse,agent-batch,assign-language,place-services
// O2:    agent.goto inline @run.b
// PLAIN-NOT: agent.stage
// PLAIN-NOT: split-stages
// NONE:  the module must name the level `stages`, it names `workflow`
// FAR:   the module must name the level `numeric`, it names `workflow`
// RUN: kumeo-opt %s -O0 --level messaging | filecheck %s --check-prefix=SEND

// SEND:  kumeo.level = "messaging"
// SEND:  messaging.edge @run.b message (may_fail a : f64)
// SEND:  messaging.service "s" language "python" {
// SEND:  agent.goto message @run.b(%a : f64)
module attributes {kumeo.level = "workflow"} {
  workflow.model @m onnx("m")
  workflow.target @t nats("t")
  workflow.workflow @W {
    workflow.source @s nats("a") : f64
    workflow.on @s (%x: f64) {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
      workflow.emit %b : f64 to @t site "o"
      workflow.return
    }
  }
}
