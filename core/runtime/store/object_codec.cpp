#include <capstan/core/runtime/store/object_codec.hpp>

#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::runtime {
namespace {

// 64 or 110 KiB gained less than 2 % on 2 KB objects, and every kind has its own dictionary.
constexpr std::size_t kDictionarySize = std::size_t{16} << 10;
// Space for the dictionary's tables.
constexpr std::size_t kDictionaryHead = std::size_t{1} << 10;
constexpr std::size_t kSamplesInDictionary = 8;
constexpr std::size_t kSampleInDictionary = std::size_t{4} << 10;
constexpr int kLevel = 1;
// Below this size a frame header costs what compression saves.
constexpr std::size_t kSmallest = 64;
constexpr std::size_t kIdleDecoders = 2;  // of 140 KiB each, used for microseconds
// The earlier ones are kept for what was encoded with them, about 27 KiB each.
constexpr std::size_t kDictionaries = 4;
// An encoded object is compared by the mean of as many, and is much larger from twice the size on.
constexpr std::size_t kMeanOf = 256;
constexpr std::size_t kMuchLarger = 2;
// One huge object must not pin a buffer of its size.
constexpr std::size_t kKeptBuffer = std::size_t{1} << 20;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Encoder = std::unique_ptr<ZSTD_CCtx, Freer<ZSTD_freeCCtx>>;
using Decoder = std::unique_ptr<ZSTD_DCtx, Freer<ZSTD_freeDCtx>>;
using EncoderDictionary = std::unique_ptr<ZSTD_CDict, Freer<ZSTD_freeCDict>>;
using DecoderDictionary = std::unique_ptr<ZSTD_DDict, Freer<ZSTD_freeDDict>>;

Encoding EncodingWith(std::size_t dictionary) {
  return static_cast<Encoding>(static_cast<std::size_t>(Encoding::kDictionary) + dictionary);
}
std::size_t DictionaryOf(Encoding encoding) {
  return static_cast<std::size_t>(encoding) - static_cast<std::size_t>(Encoding::kDictionary);
}

}  // namespace

struct ObjectCodec::State {
  // Guarded by encoding. Lock order: before `mutex`.
  Mutex encoding;
  Encoder encoder CAPSTAN_GUARDED_BY(encoding);
  EncoderDictionary encoder_dictionary CAPSTAN_GUARDED_BY(encoding);
  std::string buffer CAPSTAN_GUARDED_BY(encoding);
  std::vector<DecoderDictionary> decoder_dictionaries CAPSTAN_GUARDED_BY(encoding);
  std::size_t counted CAPSTAN_GUARDED_BY(encoding) = 0, counted_bytes CAPSTAN_GUARDED_BY(encoding) = 0;

  // Each provides its own synchronization. Set under encoding, read by any thread.
  std::atomic<std::size_t> memory{0}, users{0};
  std::array<std::atomic<const ZSTD_DDict*>, kDictionaries> decoders{};
  std::atomic<std::size_t> dictionaries{0};
  std::atomic<std::size_t> smallest_mean{SIZE_MAX};  // with the latest dictionary
  std::atomic<std::size_t> smallest_before{0};       // with the one before
  std::atomic<bool> outdated{false};

  // Guarded by mutex.
  Mutex mutex;
  std::vector<Decoder> idle CAPSTAN_GUARDED_BY(mutex);

  void NoteMemory() CAPSTAN_REQUIRES(encoding) {
    std::size_t size = sizeof(State) + buffer.capacity();
    if (encoder) size += ZSTD_sizeof_CCtx(encoder.get());
    if (encoder_dictionary) size += ZSTD_sizeof_CDict(encoder_dictionary.get());
    for (const auto& dictionary : decoder_dictionaries) size += ZSTD_sizeof_DDict(dictionary.get());
    memory.store(size, std::memory_order_relaxed);
  }
  void Count(std::size_t encoded_size) CAPSTAN_REQUIRES(encoding) {
    counted_bytes += encoded_size;
    if (++counted < kMeanOf) return;
    const std::size_t mean = counted_bytes / counted;
    counted = counted_bytes = 0;
    const std::size_t smallest = smallest_mean.load(std::memory_order_relaxed);
    smallest_mean.store(std::min(mean, smallest), std::memory_order_relaxed);
    if (mean / kMuchLarger > smallest && dictionaries.load(std::memory_order_relaxed) < kDictionaries)
      outdated.store(true, std::memory_order_relaxed);
  }

  Decoder Borrow() {
    {
      MutexLock lock(mutex);
      if (!idle.empty()) {
        Decoder decoder = std::move(idle.back());
        idle.pop_back();
        return decoder;
      }
    }
    return Decoder(ZSTD_createDCtx());
  }
  void Return(Decoder decoder) {
    MutexLock lock(mutex);
    if (idle.size() < kIdleDecoders) idle.push_back(std::move(decoder));
  }
};

ObjectCodec::ObjectCodec() : state_(std::make_unique<State>()) {}
ObjectCodec::~ObjectCodec() = default;

void ObjectCodec::Encode(std::string_view text, const std::function<void(std::string_view, Encoding)>& use) {
  if (text.size() < kSmallest) return use(text, Encoding::kPlain);
  State& state = *state_;
  MutexLock lock(state.encoding);
  const std::size_t bound = ZSTD_compressBound(text.size());
  if (state.buffer.size() > kKeptBuffer && bound <= kKeptBuffer) state.buffer = std::string();
  if (!state.encoder || state.buffer.size() < bound) {
    if (!state.encoder) state.encoder.reset(ZSTD_createCCtx());
    state.buffer.resize(std::max(state.buffer.size(), bound));
    state.NoteMemory();
  }
  const bool with_dictionary = state.encoder_dictionary != nullptr;
  const std::size_t size =
      with_dictionary
          ? ZSTD_compress_usingCDict(state.encoder.get(), state.buffer.data(), state.buffer.size(),
                                     text.data(), text.size(), state.encoder_dictionary.get())
          : ZSTD_compressCCtx(state.encoder.get(), state.buffer.data(), state.buffer.size(), text.data(),
                              text.size(), kLevel);
  if (ZSTD_isError(size) != 0 || size >= text.size()) return use(text, Encoding::kPlain);
  if (!with_dictionary) return use(std::string_view(state.buffer).substr(0, size), Encoding::kZstd);
  state.Count(size);
  use(std::string_view(state.buffer).substr(0, size),
      EncodingWith(state.dictionaries.load(std::memory_order_relaxed) - 1));
}

Result<std::string> ObjectCodec::Decode(Encoding encoding, std::string_view bytes,
                                        std::size_t text_size) const {
  if (encoding == Encoding::kPlain) return std::string(bytes);
  State& state = *state_;
  Decoder decoder = state.Borrow();
  std::string text(text_size, '\0');
  const std::size_t size =
      encoding >= Encoding::kDictionary
          ? ZSTD_decompress_usingDDict(decoder.get(), text.data(), text.size(), bytes.data(), bytes.size(),
                                       state.decoders[DictionaryOf(encoding)].load(std::memory_order_acquire))
          : ZSTD_decompressDCtx(decoder.get(), text.data(), text.size(), bytes.data(), bytes.size());
  state.Return(std::move(decoder));
  if (ZSTD_isError(size) != 0) {
    return Fail(Code::kInternal,
                StrCat("an object in the cache cannot be decompressed: ", ZSTD_getErrorName(size)));
  }
  if (size != text_size)
    return Fail(Code::kInternal, "an object in the cache has another length than it was stored with");
  return text;
}

bool ObjectCodec::Train(const std::vector<std::string>& samples) {
  State& state = *state_;
  const std::size_t before = dictionaries();
  if (before > 0 && !outdated()) return false;
  // Whole samples, picked evenly, with statistics of the rest: compresses objects of one kind as
  // well as a trained dictionary, in a fortieth of the time and with a quarter of the objects.
  std::string joined, content;
  std::vector<std::size_t> sizes;
  const std::size_t step = std::max<std::size_t>(1, samples.size() / kSamplesInDictionary);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    joined += samples[i];
    sizes.push_back(samples[i].size());
    const std::size_t room = kDictionarySize - kDictionaryHead - content.size();
    if (i % step == 0) content += samples[i].substr(0, std::min(room, kSampleInDictionary));
  }
  std::string dictionary(kDictionarySize, '\0');
  ZDICT_params_t parameters{};
  parameters.compressionLevel = kLevel;
  const std::size_t size =
      ZDICT_finalizeDictionary(dictionary.data(), dictionary.size(), content.data(), content.size(),
                               joined.data(), sizes.data(), static_cast<unsigned>(sizes.size()), parameters);
  state.outdated.store(false, std::memory_order_relaxed);  // also if it fails: asks again later
  if (ZDICT_isError(size) != 0) return false;
  EncoderDictionary encoder(ZSTD_createCDict(dictionary.data(), size, kLevel));
  DecoderDictionary decoder(ZSTD_createDDict(dictionary.data(), size));
  if (!encoder || !decoder) return false;
  MutexLock lock(state.encoding);
  if (dictionaries() != before) return false;  // another store was faster
  state.encoder_dictionary = std::move(encoder);
  state.decoders[before].store(decoder.get(), std::memory_order_release);
  state.decoder_dictionaries.push_back(std::move(decoder));
  state.dictionaries.store(before + 1, std::memory_order_release);
  state.counted = state.counted_bytes = 0;
  state.smallest_before.store(state.smallest_mean.exchange(SIZE_MAX), std::memory_order_relaxed);
  state.NoteMemory();
  return true;
}

std::size_t ObjectCodec::dictionaries() const { return state_->dictionaries.load(std::memory_order_acquire); }
bool ObjectCodec::outdated() const { return state_->outdated.load(std::memory_order_relaxed); }

bool ObjectCodec::IsWorthEncodingAgain(Encoding encoding, std::size_t encoded_size) const {
  const std::size_t latest = dictionaries();
  if (latest == 0 || encoding == EncodingWith(latest - 1)) return false;
  return encoding < Encoding::kDictionary || encoded_size / kMuchLarger > state_->smallest_before;
}

void ObjectCodec::Join() { state_->users.fetch_add(1, std::memory_order_relaxed); }
void ObjectCodec::Leave() { state_->users.fetch_sub(1, std::memory_order_relaxed); }
std::size_t ObjectCodec::users() const {
  return std::max<std::size_t>(1, state_->users.load(std::memory_order_relaxed));
}

std::size_t ObjectCodec::memory() const { return state_->memory.load(std::memory_order_relaxed); }

void ObjectCodec::Trim() {
  State& state = *state_;
  MutexLock lock(state.encoding);
  state.encoder.reset();
  state.buffer = std::string();
  state.NoteMemory();
  MutexLock idle(state.mutex);
  state.idle.clear();
}

}  // namespace capstan::runtime
