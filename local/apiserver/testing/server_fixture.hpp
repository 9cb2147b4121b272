// A server in simulated time with a minimal client, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/local/apiserver/server.hpp>

namespace capstan::apiserver {

class ServerTest : public testing::Test {
 protected:
  ServerTest() { Restart({}); }
  ~ServerTest() override { Stop(); }

  void Stop() {
    transport.Route("api", nullptr);
    server.reset();
  }
  // Starts another server on the same storage.
  void Restart(ApiServerOptions options) {
    Stop();
    if (!options.schemas) options.schemas = Schemas();
    auto started = ApiServer::Start(scheduler, *random, log, *storage, std::move(options));
    ASSERT_TRUE(started.has_value()) << started.error();
    server = std::move(*started);
    transport.Route("api", server.get());
  }

  // Built once for all tests of the binary.
  static std::shared_ptr<const BuiltinSchemas> Schemas() {
    static const std::shared_ptr<const BuiltinSchemas> kSchemas = MakeBuiltinSchemas();
    return kSchemas;
  }

  http::Response Send(const std::string& method, const std::string& path, std::string body = "",
                      http::Headers headers = {}) {
    http::Request request;
    request.method = method;
    request.url = "http://api" + path;
    request.body = std::move(body);
    request.headers = std::move(headers);
    if (!request.headers.Get("User-Agent")) request.headers.Set("User-Agent", "test/1");
    auto response = transport.Send(request, Context{});
    if (!response) {
      ADD_FAILURE() << response.error();
      return {};
    }
    return *response;
  }
  http::Response Get(const std::string& path, http::Headers headers = {}) {
    return Send("GET", path, "", headers);
  }
  http::Response Post(const std::string& path, const std::string& body) {
    return Send("POST", path, body, Json());
  }
  http::Response Put(const std::string& path, const std::string& body) {
    return Send("PUT", path, body, Json());
  }
  http::Response Delete(const std::string& path, const std::string& body = "") {
    return Send("DELETE", path, body, Json());
  }
  http::Response Merge(const std::string& path, const std::string& body) {
    return Send("PATCH", path, body, {{"Content-Type", "application/merge-patch+json"}});
  }
  static http::Headers Json() { return {{"Content-Type", "application/json"}}; }

  // The value at a JSON pointer: strings decoded, other values as JSON text, "" when absent.
  static std::string At(const http::Response& response, const std::string& pointer) {
    return At(response.body, pointer);
  }
  static std::string At(const std::string& text, const std::string& pointer) {
    if (auto found = json::StringAt(text, pointer); found && *found) return **found;
    auto value = json::ValueAt(text, pointer);
    return value && *value ? **value : std::string();
  }

  // All lines of a watch within `duration` of simulated time.
  std::vector<std::string> Watch(const std::string& path, Duration duration, http::Headers headers = {}) {
    std::unique_ptr<http::ByteStream> stream = OpenWatch(path, headers);
    return stream ? ReadLines(*stream, duration) : std::vector<std::string>{};
  }
  std::unique_ptr<http::ByteStream> OpenWatch(const std::string& path, http::Headers headers = {}) {
    http::Request request;
    request.method = "GET";
    request.url = "http://api" + path;
    request.headers = std::move(headers);
    auto opened = transport.Open(request, Context{});
    if (!opened) {
      ADD_FAILURE() << opened.error();
      return nullptr;
    }
    EXPECT_EQ(opened->status, 200);
    return std::move(opened->body);
  }
  std::vector<std::string> ReadLines(http::ByteStream& stream, Duration duration) {
    const Instant end = After(scheduler.Now(), duration);
    std::vector<std::string> lines;
    std::string rest;
    while (true) {
      auto bytes = stream.Read(Context{{}, end});
      if (!bytes || bytes->empty()) break;
      rest += *bytes;
      for (std::size_t at; (at = rest.find('\n')) != std::string::npos; rest.erase(0, at + 1)) {
        lines.push_back(rest.substr(0, at));
      }
    }
    return lines;
  }

  SimulatedScheduler scheduler;
  std::unique_ptr<Random> random = MakeSeededRandom(1);
  RecordingLog log;
  std::unique_ptr<Storage> storage = MakeMemoryStorage();
  http::LoopbackTransport transport{scheduler};
  std::unique_ptr<ApiServer> server;
};

}  // namespace capstan::apiserver
