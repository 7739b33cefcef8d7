// RUN: kumeo-opt %s --print-debuginfo | kumeo-opt -p cse --print-debuginfo | filecheck %s
// RUN: kumeo-opt %s -p strip-locations --print-debuginfo | filecheck %s --check-prefix STRIP
// RUN: kumeo-opt %s | filecheck %s --check-prefix PLAIN

// Locations go through a pipe when both tools print them; a joined op is at both places.

// CHECK: arith.addi {{.*}} loc(fused["flow.kumeo":3:5, "flow.kumeo":4:5])
// STRIP: arith.addi {{.*}} loc(unknown)
// PLAIN-NOT: loc(
func.func @f(%x: i64) -> (i64, i64) {
  %a = arith.addi %x, %x : i64 loc("flow.kumeo":3:5)
  %b = arith.addi %x, %x : i64 loc("flow.kumeo":4:5)
  func.return %a, %b : i64, i64
}
