// What the program counts of its dealings with clouds, in words of the core: looks, creates,
// deletions. How many requests each of them takes is the provider's business; cloud_metrics.hpp
// counts those.
#pragma once

#include <memory>

#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::assembly {

// The same provider, and everything that its Externals are asked is counted:
// capstan_external_operations_total{plugin,kind,operation,outcome}, where operation is "get",
// "list" (one page), "find", "create", "adopt", "delete", "apply", "connect", "who_am_i",
// "list_associated" or "notices", and outcome "ok", "done", "not_found", "wait", "rejected",
// "unknown" or the name of an error's code; and
// capstan_external_operation_duration_seconds{plugin,operation}.
//
// Thread-safe. Clock and metrics must outlive the provider and what it makes.
std::unique_ptr<external::Provider> MeasureOperations(std::unique_ptr<external::Provider> provider,
                                                      const Clock& clock, runtime::Metrics& metrics);

}  // namespace capstan::assembly
