#include <capstan/core/program/operations_handler.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>

namespace capstan::program {
namespace {

http::Response Text(int status, std::string body, const char* type = "text/plain; charset=utf-8") {
  http::Response response;
  response.status = status;
  response.headers.Set("Content-Type", type);
  response.body = std::move(body);
  return response;
}

}  // namespace

void OperationsHandler::Handle(const http::Request& request, http::ResponseWriter& writer,
                               const Context& context) {
  const auto url = http::ParseUrl(request.url);
  const std::string path = url ? std::string(url->path()) : "";
  if (!http::IsRead(request.method)) {
    (void)writer.Respond(Text(405, "only GET is allowed here\n"));
  } else if (path == "/healthz" || path == "/livez") {
    // Alive means that this thread answers: a process that waits for its API server must not be
    // killed because of that.
    (void)writer.Respond(Text(200, "ok"));
  } else if (path == "/readyz") {
    const bool verbose = std::string(url->query()).find("verbose") != std::string::npos;
    const auto report = ready_.Run(verbose);
    (void)writer.Respond(Text(report.healthy ? 200 : 500, report.text));
  } else if (path == "/metrics") {
    (void)writer.Respond(Text(200, metrics_.Text(), "text/plain; version=0.0.4; charset=utf-8"));
  } else if (debug_ != nullptr && path.starts_with("/debug/")) {
    debug_->Handle(request, writer, context);
  } else {
    (void)writer.Respond(Text(404, "there is /healthz, /readyz?verbose and /metrics\n"));
  }
}

Result<ListenAddress> ParseListenAddress(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  // A URL has no port 0; listening on it takes any free port.
  const bool any_port = colon != std::string::npos && text.substr(colon) == ":0";
  const std::string named = any_port ? text.substr(0, colon) + ":1" : text;
  const auto url = http::ParseUrl("http://" + (named.rfind(':', 0) == 0 ? "0.0.0.0" + named : named) + "/");
  if (!url || colon == std::string::npos || text.find('/') != std::string::npos) {
    return Fail(Code::kInvalidArgument,
                "\"" + text + "\" is not an address to listen on, such as 127.0.0.1:8081 or :8081");
  }
  return ListenAddress{url->host, any_port ? std::uint16_t{0} : url->port};
}

Result<std::unique_ptr<net::HttpServer>> ServeOperations(OperationsHandler& handler,
                                                         const std::string& address) {
  CAPSTAN_TRY(const ListenAddress listen, ParseListenAddress(address));
  net::HttpServerOptions settings;
  settings.address = listen.host;
  settings.port = listen.port;
  settings.max_connections = 64;
  settings.body_limit = 0;
  settings.idle_limit = settings.request_limit = settings.answer_limit = std::chrono::seconds(5);
  return net::StartHttpServer(handler, settings);
}

}  // namespace capstan::program
