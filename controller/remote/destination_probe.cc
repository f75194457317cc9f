#include "controller/remote/destination_probe.h"

#include "controller/archive/artifact.h"
#include "controller/remote/object_body.h"

namespace controller {

ProbeResult probe_destination(ObjectStore& objects, const std::string& prefix,
                              const std::string& text) {
  const auto key = prefix + "cofferdam-store-test";
  objects.put(key, text_body(text));
  const auto facts = objects.facts(key);
  if (!facts || facts->bytes != text.size() || objects.read_small(key) != text) {
    throw IntegrityError("the destination did not keep what was written to " + key);
  }
  const auto listed = objects.list(key);
  if (const auto found = listed.find(key); found == listed.end() || found->second != text.size()) {
    throw IntegrityError("the destination does not list " + key + ", which was just written");
  }
  try {
    objects.remove(key);
  } catch (const AccessRefused& refusal) {
    return {false, refusal.what()};
  }
  if (objects.facts(key)) {
    return {false, key + " is still there after it was deleted"};
  }
  return {true, ""};
}

}  // namespace controller
