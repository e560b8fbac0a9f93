#include "core/services/later_answers.h"

#include "core/evaluation/evaluation_document.h"

namespace percept::services {

std::string encodeLaterAnswer(const evaluation::EvaluationImage& image)
{
    return std::string(evaluation::kLaterMark) + evaluation::encodeImageLine(image).substr(1);
}

base::Result<void> eachAnswerLine(std::string_view text, const std::function<void(evaluation::EvaluationImage, bool)>& use)
{
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty())
            continue;
        PERCEPT_ASSIGN(image, evaluation::decodeImageLine(line));
        use(std::move(image), line.starts_with(evaluation::kLaterMark));
    }
    return {};
}

}
