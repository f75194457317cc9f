#include "compose/observe.h"

namespace compose {

Observation observe(dockerapi::Engine& engine) {
  return {engine.containers({}), engine.volumes({}), engine.networks({})};
}

}  // namespace compose
