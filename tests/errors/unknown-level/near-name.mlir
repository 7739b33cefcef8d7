// RUN: kumeo-opt %s -O2 --level stagez
builtin.module {}
