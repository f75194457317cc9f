set(COMPOSE_SOURCES
  compose/compose_labels.cc
  compose/dependencies.cc
  compose/depends_on.cc
  compose/observe.cc
  compose/own_container.cc
  compose/stack.cc
  compose/stack_networks.cc
  compose/stack_volumes.cc
  compose/start_order.cc
  compose/volume_kind.cc
)
cofferdam_library(compose SOURCES ${COMPOSE_SOURCES} LIBS dockerapi)
