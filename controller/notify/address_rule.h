// Which addresses notifications may go to unless the operator says otherwise.
#pragma once

#include <string>

namespace controller {

/// Addresses that belong to a machine or a cloud itself and to no service one would tell anything:
/// loopback (our own API), link-local and with it the clouds' metadata, unspecified, multicast; in
/// IPv6 also where they are embedded.  True for what is no address.  Private networks are ordinary:
/// a stack's own ntfy is there.
bool is_risky_address(const std::string& numeric);

}  // namespace controller
