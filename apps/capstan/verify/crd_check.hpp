// What an API server makes of a plugin's CRD, asked of the embedded one in this process, without
// the cloud: what it would refuse, drop or hide in life shows here.
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
// (JSON, as a user wrote it) and writes and reads back a status with all that the operator writes.
// One finding for each of the three; those that cannot be had say why they are left out. Blocks on
// the scheduler for as long as the server works, milliseconds.
std::vector<conformance::Finding> CheckCrd(Scheduler& scheduler, Random& random,
                                           const external::Manifest& manifest, const external::KindInfo& kind,
                                           const std::string& object, const Context& context);

// Nothing, or which fields of `status` (a JSON object, what a provider shows) the kind's CRD drops
// or refuses. Pure.
std::string WhatIsNotKept(const external::Manifest& manifest, const external::KindInfo& kind,
                          const std::string& status);

}  // namespace capstan::app
