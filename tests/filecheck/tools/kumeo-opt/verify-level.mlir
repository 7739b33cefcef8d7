// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --level workflow

builtin.module attributes {kumeo.level = "workflow"} {}

// -----

// expected-error@+1 {{must name the level `workflow`, it names `messaging`}}
builtin.module attributes {kumeo.level = "messaging"} {}

// -----

// expected-error@+1 {{must name the level `workflow`, it names none}}
builtin.module {}
