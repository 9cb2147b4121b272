// ExportSettings are the settings for sending spans, from the OpenTelemetry environment variables.
// A value type.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::trace {

struct ExportSettings {
  std::string endpoint;  // the whole URL; empty: nothing is sent
  std::vector<std::pair<std::string, Secret>> headers;
  Duration timeout = std::chrono::seconds(10);  // of one request
  Duration delay = std::chrono::seconds(5);     // how long a span waits for others
  std::size_t queue = 2048;                     // maximum number of waiting spans
  // Maximum number of spans in one request.
  std::size_t batch = 512;
  // Share of the traces that are kept, 0 to 1.
  double ratio = 1;
  std::vector<std::pair<std::string, std::string>> resource;  // attributes of this process
};

// Reads OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER (otlp, none), OTEL_EXPORTER_OTLP_ENDPOINT,
// _HEADERS, _PROTOCOL, _TIMEOUT and the same with _TRACES_ before the last word, OTEL_SERVICE_NAME,
// OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER with OTEL_TRACES_SAMPLER_ARG,
// OTEL_BSP_SCHEDULE_DELAY, OTEL_BSP_MAX_QUEUE_SIZE and OTEL_BSP_MAX_EXPORT_BATCH_SIZE. An empty
// variable counts as unset. `service`: the service.name if no variable sets one.
//
// Errors: kInvalidArgument, one sentence that names the variable and never contains a header's
// value. Thread-safe if `environment` is.
Result<ExportSettings> ReadExportSettings(
    const std::function<std::optional<std::string>(const std::string&)>& environment,
    const std::string& service);

}  // namespace capstan::trace
