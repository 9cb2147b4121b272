// Checks a plugin's CRD against the embedded API server in this process, without the cloud: finds
// what a real server would refuse, drop or hide. Thread-safe: each call starts its own server.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/load.hpp>
#include <capstan/sdk/conformance/conformance.hpp>

namespace capstan::app {

// Starts a server, installs the CRD of `kind` completed with the operator's fields, posts `object`
// (JSON, as a user wrote it), and writes and reads back a status with all fields that the operator
// writes. Returns one finding for each of the three; a skipped one says why. Blocks on the
// scheduler while the server works, for milliseconds.
std::vector<conformance::Finding> CheckCrd(Scheduler& scheduler, Random& random,
                                           const external::Manifest& manifest, const external::KindInfo& kind,
                                           const std::string& object, const Context& context);

// The fields of `status` (a JSON object, as a provider sets it) that the kind's CRD drops or
// refuses, as text; empty: none. Pure.
std::string UnstorableFields(const external::Manifest& manifest, const external::KindInfo& kind,
                             const std::string& status);

}  // namespace capstan::app
