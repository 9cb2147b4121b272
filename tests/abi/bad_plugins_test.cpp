// One bad plugin per failure: each is refused or contained with one sentence that says what to do,
// and the others run.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/plugins/loader/directory.hpp>
#include <capstan/tests/abi/plugin_fixture.hpp>

namespace capstan::abi {
namespace {

using external::Verdict;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint32_t kNoteType = CAPSTAN_NOTE_TYPE;

// One sentence: it names the file, ends without a line break, and is short.
void ExpectOneSentence(const Error& error, const std::string& path, const std::string& why) {
  EXPECT_THAT(error.message, AllOf(HasSubstr(path), HasSubstr(why), Not(HasSubstr("\n")))) << error;
  EXPECT_LT(error.message.size(), 600u) << error.message;
}

TEST(BadPlugins, AreEachRefusedWithOneSentenceThatSaysWhatToDo) {
  PluginWorld world;
  const std::tuple<const char*, Code, const char*> rows[] = {
      {"no_symbol", Code::kFailedPrecondition,
       "does not export capstan_plugin_v1; define it with CAPSTAN_EXPORT"},
      {"no_note", Code::kInvalidArgument, "it carries no .note.capstan"},
      {"newer_major", Code::kFailedPrecondition,
       "speaks plugin ABI 2, this program speaks 1; update capstan"},
      {"newer_major_in_table", Code::kFailedPrecondition, "its table speaks plugin ABI 2"},
      {"smaller_table", Code::kInvalidArgument, "its table of operations has"},
      {"table_too_long", Code::kInvalidArgument, "does not lie inside the plugin"},
      {"null_slots", Code::kInvalidArgument, "lacks the required operation get"},
      {"null_table", Code::kFailedPrecondition, "does not accept this version of capstan"},
      {"manifest_no_json", Code::kInvalidArgument, "its manifest is not JSON"},
      {"manifest_no_kinds", Code::kInvalidArgument, "kinds must be a list with at least one kind"},
      {"manifest_contradicts_note", Code::kInvalidArgument,
       "its manifest says name another-name but its note says"},
      {"undefined_symbol", Code::kFailedPrecondition, "undefined symbol: gets_from_nowhere"},
      {"needs_missing_library", Code::kFailedPrecondition, "libcapstan_goes_missing.so"},
      {"needs_other_soname", Code::kFailedPrecondition, "needs libc.so.5 but libc.so.6 is loaded already"},
  };
  for (const auto& [name, code, why] : rows) {
    const auto plugin = loader::LoadPlugin(*world.files, BadPlugin(name), world.seams());
    ASSERT_FALSE(plugin) << name;
    EXPECT_EQ(plugin.error().code, code) << plugin.error();
    ExpectOneSentence(plugin.error(), BadPlugin(name), why);
    EXPECT_THAT(plugin.error().message, Not(HasSubstr("/proc/self")))
        << "the copy's path tells people nothing";
  }
}

TEST(BadPlugins, ThatNeverDescribeThemselvesAreRefusedInTime) {
  // Real threads: the plugin really sleeps. The test does not wait for the full limit, because its
  // clock runs a thousand times as fast.
  class FastClockScheduler final : public ForwardingScheduler {
   public:
    using ForwardingScheduler::ForwardingScheduler;
    Instant Now() const override { return Instant((next().Now() - start_) * 1000); }
    Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) override {
      const auto real = [&](Instant at) {
        return at == kForever ? kForever : start_ + at.time_since_epoch() / 1000;
      };
      return next().Wait(event, lock, real(until), Context{context.stop, real(context.deadline)});
    }

   private:
    const Instant start_ = next().Now();
  };
  ThreadScheduler threads;
  FastClockScheduler scheduler(threads);
  http::LoopbackTransport transport(scheduler);
  const auto random = MakeSeededRandom(1);
  SilentLog log;
  const auto files = MakeSystemFiles();
  const auto plugin =
      loader::LoadPlugin(*files, BadPlugin("blocks_in_describe"), {scheduler, transport, *random, log});
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().code, Code::kDeadlineExceeded);
  ExpectOneSentence(plugin.error(), BadPlugin("blocks_in_describe"), "did not describe itself within 10s");
}

class DamagedFileTest : public testing::Test {
 protected:
  void SetUp() override {
    auto good = world_.files->Read(MadeUpPlugin());
    ASSERT_TRUE(good) << good.error();
    bytes_ = *good;
  }
  Error Refusal(const std::string& bytes) {
    const auto files = MakeMemoryFiles({{"/plugins/x.so", bytes}});
    const auto plugin = loader::LoadPlugin(*files, "/plugins/x.so", world_.seams());
    EXPECT_FALSE(plugin);
    return plugin ? Error{} : plugin.error();
  }
  std::string With(std::size_t offset, const void* data, std::size_t size) const {
    std::string changed = bytes_;
    std::memcpy(changed.data() + offset, data, size);
    return changed;
  }
  template <class T>
  std::string With(std::size_t offset, T value) const {
    return With(offset, &value, sizeof(value));
  }
  PluginWorld world_;
  std::string bytes_;
};

TEST_F(DamagedFileTest, SaysWhatIsWrongWithEachKindOfFile) {
  const std::tuple<const char*, std::string, const char*> rows[] = {
      {"empty", "", "is empty"},
      {"text", "#!/bin/sh\necho hello\n", "is not a shared library"},
      {"short text", "hi", "is not a shared library"},
      {"magic only", bytes_.substr(0, 4), "is truncated"},
      {"half a head", bytes_.substr(0, 40), "is truncated"},
      {"head without segments", bytes_.substr(0, sizeof(Elf64_Ehdr)), "is truncated"},
      {"32 bit", With(EI_CLASS, static_cast<unsigned char>(ELFCLASS32)), "is a 32-bit library"},
      {"big endian", With(EI_DATA, static_cast<unsigned char>(ELFDATA2MSB)), "another byte order"},
      {"other machine", With(offsetof(Elf64_Ehdr, e_machine), Elf64_Half{EM_RISCV}), "is built for riscv"},
      {"unknown machine", With(offsetof(Elf64_Ehdr, e_machine), Elf64_Half{4242}),
       "is built for ELF machine 4242"},
      {"executable", With(offsetof(Elf64_Ehdr, e_type), Elf64_Half{ET_EXEC}), "but no shared library"},
      {"segments far away", With(offsetof(Elf64_Ehdr, e_phoff), Elf64_Off{0xfffffffffffffff0}),
       "is truncated"},
      {"odd segments", With(offsetof(Elf64_Ehdr, e_phentsize), Elf64_Half{7}), "malformed ELF header"},
      {"no segments", With(offsetof(Elf64_Ehdr, e_phnum), Elf64_Half{0}), "has nothing to load"},
  };
  for (const auto& [what, file, why] : rows) {
    const Error error = Refusal(file);
    EXPECT_EQ(error.code, Code::kInvalidArgument) << what;
    ExpectOneSentence(error, "/plugins/x.so", why);
  }
}

TEST_F(DamagedFileTest, RefusesTheNoteOfEveryOtherAbiBeforeTheFileIsOpened) {
  const std::string start = std::string(reinterpret_cast<const char*>(&kNoteType), sizeof(kNoteType)) +
                            std::string(CAPSTAN_NOTE_OWNER, sizeof(CAPSTAN_NOTE_OWNER));
  const std::size_t note = bytes_.find(start);
  ASSERT_NE(note, std::string::npos);
  for (const std::uint32_t major : {0u, CAPSTAN_ABI_MAJOR + 1, 0xffffffffu}) {
    const std::string file = With(note + start.size(), major);
    EXPECT_FALSE(loader::Inspect(file, "x")) << major;
    const Error error = Refusal(file);
    EXPECT_EQ(error.code, Code::kFailedPrecondition) << major;
    ExpectOneSentence(error, "/plugins/x.so", major == 0 ? "install a newer version" : "update capstan");
  }
}

TEST_F(DamagedFileTest, NoCutOfAGoodPluginKillsTheHost) {
  for (std::size_t length = 0; length < bytes_.size(); length += 97) {
    ASSERT_FALSE(loader::Inspect(std::string_view(bytes_).substr(0, length), "x")) << length;
  }
  EXPECT_FALSE(loader::Inspect(std::string_view(bytes_).substr(0, bytes_.size() - 1), "x"));
  EXPECT_TRUE(loader::Inspect(bytes_, "x"));
}

TEST_F(DamagedFileTest, NoFlippedByteOfTheHeadersKillsTheInspection) {
  const std::size_t headers = std::min<std::size_t>(bytes_.size(), 4096);
  for (std::size_t at = 0; at < headers; ++at) {
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      std::string changed = bytes_;
      changed[at] = value;
      const auto inspection = loader::Inspect(changed, "x");  // refused or not: it returns
      EXPECT_TRUE(inspection || !inspection.error().message.empty());
    }
  }
}

TEST(PluginDirectory, RunsTheGoodOnesAndRefusesTheBadOnesOneByOne) {
  PluginWorld world;
  auto good = world.files->Read(MadeUpPlugin());
  auto larger = world.files->Read(BadPlugin("larger_table"));
  auto duplicate = world.files->Read(BadPlugin("duplicate"));
  auto null_slots = world.files->Read(BadPlugin("null_slots"));
  ASSERT_TRUE(good && larger && duplicate && null_slots);
  const auto files = MakeMemoryFiles({{"/p/a_text.so", "hello"},
                                      {"/p/b_good.so", *good},
                                      {"/p/c_truncated.so", good->substr(0, good->size() / 2)},
                                      {"/p/d_larger.so", *larger},
                                      {"/p/e_same_kind.so", *duplicate},
                                      {"/p/f_null_slots.so", *null_slots},
                                      {"/p/g_good_again.so", *good},
                                      {"/p/notes.txt", "not a plugin and not meant to be one"}});
  const loader::Directory loaded = loader::LoadDirectory(*files, "/p", world.seams());
  ASSERT_EQ(loaded.plugins.size(), 2u);
  EXPECT_EQ(loaded.plugins[0]->manifest().name, "madeup");
  EXPECT_EQ(loaded.plugins[1]->manifest().name, "larger-table") << "a later minor version loads";
  ASSERT_EQ(loaded.refusals.size(), 5u);
  const std::pair<const char*, const char*> rows[] = {
      {"/p/a_text.so", "is not a shared library"},
      {"/p/c_truncated.so", "is truncated"},
      {"/p/e_same_kind.so", "is served already by /p/d_larger.so"},
      {"/p/f_null_slots.so", "lacks the required operation"},
      {"/p/g_good_again.so", "is loaded already from /p/b_good.so"}};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(loaded.refusals[i].path, rows[i].first);
    ExpectOneSentence(loaded.refusals[i].error, rows[i].first, rows[i].second);
  }
}

TEST(PluginDirectory, SaysSoWhenItIsEmptyOrMissing) {
  PluginWorld world;
  const auto files = MakeMemoryFiles({{"/empty/readme.txt", "x"}});
  const loader::Directory empty = loader::LoadDirectory(*files, "/empty", world.seams());
  ASSERT_EQ(empty.refusals.size(), 1u);
  ExpectOneSentence(empty.refusals[0].error, "/empty", "holds no plugin");
  const loader::Directory missing = loader::LoadDirectory(*files, "/nowhere", world.seams());
  ASSERT_EQ(missing.refusals.size(), 1u);
  ExpectOneSentence(missing.refusals[0].error, "/nowhere", "no plugin can be loaded");
}

// ---- Plugins that load and then misbehave ----

class MisbehavingPluginTest : public BadPluginFixture {
 protected:
  external::Outcome Create(const std::string& how) {
    return external_->Create({"capstan:u", "o", "", ""}, how, Context{});
  }
};

TEST_F(MisbehavingPluginTest, LiesInAnswersAreDetectedAndTheAnswersRejected) {
  LoadBad("liar");
  const auto honest = external_->Get("honest", Context{});
  ASSERT_TRUE(honest && honest->has_value()) << "the liar can be honest";
  const std::pair<const char*, const char*> rows[] = {
      {"no-struct", "nothing where an object should be"},
      {"wild-struct", "an object outside"},
      {"unaligned-struct", "an object outside"},
      {"short-struct", "shorter than ABI 1.0"},
      {"long-struct", "longer than its memory"},
      {"wild-text", "name outside"},
      {"long-text", "name outside"},
      {"negative-text", "name outside"},
      {"heap-text", "name outside"},
      {"bad-utf8", "name that is not UTF-8"},
      {"bad-phase", "unknown phase 99"},
      {"bad-status", "status that is no JSON object"},
      {"list-status", "status that is no JSON object"},
      {"bad-time", "created_at that is no RFC 3339 time"},
      {"empty-id", "an empty id"},
      {"other-id", "someone-else instead of other-id"},
      {"control-id", "control characters"},
      {"absent-after-500", "\"not found\""},
      {"wild-error", "an error outside"},
  };
  for (const auto& [id, why] : rows) {
    cloud_.status = 500;
    const auto seen = external_->Get(id, Context{});
    ASSERT_FALSE(seen) << id;
    EXPECT_EQ(seen.error().code, Code::kDataLoss) << id << ": " << seen.error();
    ExpectOneSentence(seen.error(), "the plugin liar", why);
  }
}

TEST_F(MisbehavingPluginTest, NotFoundIsAcceptedOnlyWhenNoResponseOfTheCloudContradictsIt) {
  LoadBad("liar");
  for (const int status : {401, 403, 408, 429, 500, 503}) {
    cloud_.status = status;
    EXPECT_FALSE(external_->Get("absent-after-500", Context{})) << status;
  }
  cloud_.status = 404;
  const auto absent = external_->Get("absent-after-500", Context{});
  ASSERT_TRUE(absent) << absent.error();
  EXPECT_FALSE(absent->has_value());
  cloud_.cut = true;
  EXPECT_FALSE(external_->Get("absent-after-500", Context{})) << "nobody answered";
}

TEST_F(MisbehavingPluginTest, AFindIsWholeOrAnError) {
  LoadBad("liar");
  const auto find = [this](const char* how) { return external_->Find({"capstan:u", "o", "", ""}, how, {}); };
  ASSERT_TRUE(find("all")) << find("all").error();
  for (const char* half : {"more-pages", "higher-total"}) {
    const auto found = find(half);
    ASSERT_FALSE(found) << half;
    EXPECT_EQ(found.error().code, Code::kDataLoss) << half;
    ExpectOneSentence(found.error(), "the plugin liar", "an incomplete list");
  }
}

TEST_F(MisbehavingPluginTest, ErrorsAreMadeSoundBeforeTheCoreSeesThem) {
  LoadBad("liar");
  const std::tuple<const char*, Code, const char*> rows[] = {
      {"bad-verdict", Code::kInternal, "gave no reason"},
      {"no-error", Code::kInternal, "gave no reason"},
      {"bad-code", Code::kInternal, "an unheard-of failure"},
      {"cancelled", Code::kUnavailable, "I do not feel like it"},
      {"forbidden-host", Code::kPermissionDenied, "https://elsewhere.example are not allowed"},
      {"plain-http", Code::kPermissionDenied, "http://api.bad.example are not allowed"},
      {"split-header", Code::kInvalidArgument, "malformed header"},
  };
  for (const auto& [id, code, why] : rows) {
    const auto seen = external_->Get(id, Context{});
    ASSERT_FALSE(seen) << id;
    EXPECT_EQ(seen.error().code, code) << id << ": " << seen.error();
    EXPECT_THAT(seen.error().message, HasSubstr(why));
  }
}

TEST_F(MisbehavingPluginTest, SecretsAreRedactedInErrorsAndLogLines) {
  LoadBad("liar");
  const auto seen = external_->Get("secret", Context{});
  ASSERT_FALSE(seen);
  EXPECT_THAT(seen.error().message, AllOf(HasSubstr("the token *** was refused"), Not(HasSubstr("s3cr3t"))));
  EXPECT_THAT(seen.error().message, EndsWith("for good")) << "our words may follow, so its full stop is gone";
  EXPECT_TRUE(world_.log.Contains("using ***"));
  EXPECT_FALSE(world_.log.Contains("s3cr3t"));
}

TEST_F(MisbehavingPluginTest, MemoryOfACallIsLimited) {
  LoadBad("liar");
  const auto seen = external_->Get("greedy", Context{});
  ASSERT_TRUE(seen && seen->has_value()) << seen.error();
  EXPECT_EQ((*seen)->message, "stopped");
}

TEST_F(MisbehavingPluginTest, TheOutcomeOfACreateFollowsFromTheRequestsThatWereSent) {
  LoadBad("liar");
  struct Row {
    const char* how;
    int status;  // 0: the connection is cut
    Verdict verdict;
    const char* reason;
  };
  const Row rows[] = {
      {"done", 201, Verdict::kDone, "made, and the cloud said so"},
      {"done", 422, Verdict::kUnknown, "the cloud refused what the plugin says was made"},
      {"done", 500, Verdict::kUnknown, "a 500 is no success"},
      {"rejected", 201, Verdict::kUnknown, "the cloud accepted what the plugin says was rejected"},
      {"rejected", 500, Verdict::kUnknown, "a 500 may come after the making"},
      {"rejected", 0, Verdict::kUnknown, "bytes left and nobody answered"},
      {"rejected", 408, Verdict::kUnknown, "a proxy's timeout says nothing"},
      {"rejected", 422, Verdict::kRejected, "refused by both"},
      {"unknown", 422, Verdict::kRejected, "a 4xx is certain, whatever the plugin says"},
      {"unknown", 0, Verdict::kUnknown, "nobody knows"},
      {"no-id", 201, Verdict::kUnknown, "done without an id is not known by name"},
      {"not-found", 201, Verdict::kRejected, "nothing can be missing before it is made"},
      {"bad-verdict", 201, Verdict::kUnknown, "an unheard-of verdict says nothing"},
  };
  for (const Row& row : rows) {
    cloud_.status = row.status;
    cloud_.cut = row.status == 0;
    const external::Outcome outcome = Create(row.how);
    EXPECT_EQ(outcome.verdict, row.verdict) << row.how << " " << row.status << ": " << row.reason;
    EXPECT_EQ(outcome.error.has_value(), row.verdict != Verdict::kDone && std::string(row.how) != "not-found")
        << row.reason;
  }
  cloud_.cut = false;
  world_.transport.Route("api.bad.example", nullptr);
  EXPECT_EQ(Create("unknown").verdict, Verdict::kWait) << "nothing left this process";
  EXPECT_EQ(Create("rejected").verdict, Verdict::kRejected)
      << "nothing left this process, and the plugin knows why";
}

TEST_F(MisbehavingPluginTest, ExceptionsStopAtTheHost) {
  LoadBad("thrower");
  const auto seen = external_->Get("x", Context{});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::kInternal);
  EXPECT_THAT(seen.error().message, HasSubstr("let an exception out of get: the cloud fell down"));
  const external::Outcome outcome = Create("x");
  EXPECT_EQ(outcome.verdict, Verdict::kUnknown);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Code::kInternal);
  EXPECT_TRUE(external_->Find({}, "{}", Context{})) << "the plugin goes on";
}

// Real threads and real time from here on: the plugin really blocks.
TEST(StuckPlugin, CostsItsSlotAndNothingElse) {
  ThreadScheduler scheduler;
  http::LoopbackTransport transport(scheduler);
  const auto random = MakeSeededRandom(1);
  RecordingLog log;
  const auto files = MakeSystemFiles();
  const loader::Seams seams{scheduler, transport, *random, log};
  auto plugin = loader::LoadPlugin(*files, BadPlugin("liar"), seams);
  ASSERT_TRUE(plugin) << plugin.error();
  const auto connect = [&](Duration grace) {
    loader::AdaptOptions options;
    options.grace = grace;
    auto provider = loader::MakeProvider(*plugin, "{}", seams, options);
    EXPECT_TRUE(provider) << provider.error();
    return std::move(*provider);
  };
  const auto within = [&](int milliseconds) {
    return Context{}.Within(scheduler, std::chrono::milliseconds(milliseconds));
  };
  // On a busy machine this may be too short for the call to begin: then retry with more.
  const auto get = [&](external::External& external, const char* id) {
    for (int time = 30;; time *= 2) {
      auto got = external.Get(id, within(time));
      if (got || got.error().message.find("did not begin") == std::string::npos || time > 30'000) return got;
    }
  };

  {
    // A long grace has no cost here, because this call reacts to its cancellation.
    const auto provider = connect(std::chrono::seconds(60));
    auto external = provider->Connect("liar", {}, Context{});
    ASSERT_TRUE(external);
    const auto asked = get(**external, "until-cancelled");
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().message, "gave up as asked") << "a plugin that listens answers itself";
  }

  const auto provider = connect(std::chrono::milliseconds(200));
  auto external = provider->Connect("liar", {}, Context{});
  ASSERT_TRUE(external);
  const auto stuck = get(**external, "for-ever");
  ASSERT_FALSE(stuck);
  EXPECT_EQ(stuck.error().code, Code::kDeadlineExceeded);
  EXPECT_THAT(stuck.error().message, HasSubstr("is abandoned"));
  EXPECT_TRUE((*external)->Get("honest", within(60'000))) << "the second of its two slots still works";

  ASSERT_FALSE(get(**external, "for-ever"));
  const auto full = (*external)->Get("honest", within(30));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::kDeadlineExceeded);
  EXPECT_THAT(full.error().message, HasSubstr("all its slots were taken"));
  const external::Outcome create = (*external)->Create({}, "done", within(30));
  EXPECT_EQ(create.verdict, Verdict::kWait) << "a call that never began made nothing";

  auto other = loader::LoadPlugin(*files, BadPlugin("larger_table"), seams);
  ASSERT_TRUE(other) << other.error();
  auto other_provider = loader::MakeProvider(*other, "{}", seams);
  ASSERT_TRUE(other_provider) << "other plugins are unharmed";
  // The destructor of the provider does not wait for the stuck calls for ever.
}

}  // namespace
}  // namespace capstan::abi
