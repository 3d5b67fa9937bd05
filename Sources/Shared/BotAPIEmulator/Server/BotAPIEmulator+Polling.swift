extension BotAPIEmulator {
    /// `getUpdates`: waits for updates as long as the caller likes.
    func getUpdates(_ call: APICall) async -> APIAnswer {
        guard state.webhook == nil else {
            return await conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        }
        do throws(Refusal) {
            try state.updateAllowedUpdates(call)
        } catch {
            return .failure(error)
        }
        let offset = call.integer("offset") ?? 0
        let limit = Int(min(max(call.integer("limit") ?? 100, 1), 100))
        let patience = Duration.seconds(min(max(call.integer("timeout") ?? 0, 0), 50))
        let deadline = ContinuousClock.now + patience
        pollGeneration += 1
        let generation = pollGeneration
        changed()
        while true {
            let updates = state.updates.poll(offset: offset, limit: limit)
            guard updates.isEmpty, ContinuousClock.now < deadline, !Task.isCancelled else {
                return .success(.array(updates))
            }
            await change(before: deadline)
            guard generation == pollGeneration else {
                return await conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running")
            }
            guard state.webhook == nil else { return await conflict("terminated by setWebhook request") }
        }
    }

    /// Conflicts in quick succession are held back for 3 s.
    private func conflict(_ reason: String) async -> APIAnswer {
        let now = ContinuousClock.now
        if let prompt = nextPromptConflict, now < prompt {
            try? await Task.sleep(for: .seconds(3) * configuration.timeScale)
        } else {
            nextPromptConflict = now + .seconds(3) * configuration.timeScale
        }
        return .failure(Refusal(code: 409, description: "Conflict: " + reason))
    }
}
