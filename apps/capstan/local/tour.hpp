// The tour of the quickstart: applies an example, waits until it is ready, deletes it, and checks
// that the cloud is empty again. It only uses the Kubernetes API and the cloud's own API, as a user
// with kubectl and curl would. RunTour blocks its thread.
#pragma once

#include <string>

#include <capstan/apps/capstan/console/progress_display.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::app {

struct TourParts {
  Scheduler& scheduler;
  kube::Client& kubernetes;
  http::Transport& cloud;
  std::string cloud_url;
  Secret cloud_token;
  ProgressDisplay& display;
  Duration expected;  // estimated duration of the creation, for the progress bar
};

// Runs the whole tour. Errors: what went wrong, with the object's conditions in the message.
Status RunTour(const TourParts& parts, const Context& context);

}  // namespace capstan::app
