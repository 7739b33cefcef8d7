pdl.pattern @p : benefit(1) {
  %x = pdl.operand
  %call = pdl.operation "data.cal" (%x : !pdl.value)
  pdl.rewrite %call {
    pdl.erase %call
  }
}
