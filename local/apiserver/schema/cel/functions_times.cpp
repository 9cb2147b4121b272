// Accessors of timestamps and durations.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <exception>

#define USE_OS_TZDB 1  // matches the build of the library
#include <date/tz.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>

namespace capstan::apiserver::cel {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Seconds east of UTC at a moment: "UTC", "+02:00", "-8:30", "America/New_York".
Result<std::int64_t> OffsetOf(std::string_view zone, std::int64_t seconds) {
  if (zone == "UTC" || zone == "Z" || zone == "" || zone == "Etc/UTC" || zone == "GMT") return 0;
  const std::size_t colon = zone.find(':');
  if (colon == std::string_view::npos) {
    // The library throws for unknown names, and when the machine has no time zone database.
    try {
      const date::time_zone* place = date::locate_zone(zone);
      return place->get_info(date::sys_seconds(std::chrono::seconds(seconds))).offset.count();
    } catch (const std::exception&) {
      return Bad(StrCat("unknown time zone ", zone));
    }
  }
  if (colon > 3 || zone.size() - colon > 3) return Bad(StrCat("unknown time zone ", zone));
  const std::string hours(zone.substr(0, colon)), minutes(zone.substr(colon + 1));
  const std::int64_t sign = hours[0] == '-' ? -1 : 1;
  return (std::atoi(hours.c_str()) * 60 + sign * std::atoi(minutes.c_str())) * 60;
}

struct Moment {
  std::tm when = {};
  std::int64_t nanoseconds = 0;  // within the second
};

Result<Moment> MomentOf(const Arguments& a) {
  Moment moment;
  std::int64_t seconds = a[0].whole / kSecond;
  moment.nanoseconds = a[0].whole % kSecond;
  if (moment.nanoseconds < 0) moment.nanoseconds += kSecond, --seconds;
  CAPSTAN_TRY(const std::int64_t offset,
              OffsetOf(a.size() > 1 ? a[1].text : std::string_view("UTC"), seconds));
  const std::time_t time = seconds + offset;
  gmtime_r(&time, &moment.when);
  return moment;
}

template <int std::tm::*Field, int Add>
Result<Value> TimePart(const Arguments& a, Meter&) {
  CAPSTAN_TRY(const Moment moment, MomentOf(a));
  return Int(moment.when.*Field + Add);
}
Result<Value> Milliseconds(const Arguments& a, Meter&) {
  CAPSTAN_TRY(const Moment moment, MomentOf(a));
  return Int(moment.nanoseconds / 1'000'000);
}

template <std::int64_t Unit>
Result<Value> InUnits(const Arguments& a, Meter&) {
  return Int(a[0].whole / Unit);
}

}  // namespace

std::vector<Function> TimeFunctions() {
  return {
      {"getFullYear", true, "tos", 'i', TimePart<&std::tm::tm_year, 1900>},
      {"getMonth", true, "tos", 'i', TimePart<&std::tm::tm_mon, 0>},
      {"getDayOfMonth", true, "tos", 'i', TimePart<&std::tm::tm_mday, -1>},
      {"getDate", true, "tos", 'i', TimePart<&std::tm::tm_mday, 0>},
      {"getDayOfWeek", true, "tos", 'i', TimePart<&std::tm::tm_wday, 0>},
      {"getDayOfYear", true, "tos", 'i', TimePart<&std::tm::tm_yday, 0>},
      {"getHours", true, "tos", 'i', TimePart<&std::tm::tm_hour, 0>},
      {"getMinutes", true, "tos", 'i', TimePart<&std::tm::tm_min, 0>},
      {"getSeconds", true, "tos", 'i', TimePart<&std::tm::tm_sec, 0>},
      {"getMilliseconds", true, "tos", 'i', Milliseconds},
      {"getHours", true, "D", 'i', InUnits<3600 * kSecond>},
      {"getMinutes", true, "D", 'i', InUnits<60 * kSecond>},
      {"getSeconds", true, "D", 'i', InUnits<kSecond>},
      {"getMilliseconds", true, "D", 'i', InUnits<kSecond / 1000>},
  };
}

}  // namespace capstan::apiserver::cel
