pdl.pattern @p : benefit(1) {
  %x = pdl.operand
  %call = pdl.operation "data.not" (%x : !pdl.value)
  pdl.apply_native_constraint "is_cheap" (%x : !pdl.value)
  pdl.rewrite %call {
    pdl.erase %call
  }
}
