// The emoji that are offered: few, and none fetched from anywhere.

export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

const split = (row: string): readonly string[] => row.split(' ');

export const GROUPS = [
  {
    name: 'faces',
    emoji: split(
      '😀 😄 😁 😅 😂 🤣 🙂 😉 😊 😇 🥰 😍 😘 😋 😜 🤗 🤔 🤨 😐 😶 🙄 😬 😌 😴 😎 🥳 😕 😟 😮 😳 🥺 😢 😭 😤 😠 🤒',
    ),
  },
  { name: 'hands', emoji: split('👍 👎 👌 ✌️ 🤞 🤝 👏 🙌 🙏 💪 👋 ✋ 👉 👈 👆 👇 ✍️ 🫶') },
  { name: 'hearts', emoji: split('❤️ 🧡 💛 💚 💙 💜 🤍 💔 💐 🌷 🌹 🌻 🎂 🎁 🎉 ⭐ ✨ 🔥') },
  { name: 'things', emoji: split('✅ ❌ ⚠️ ❓ ❗ ⏰ 📅 📍 📞 📦 🚚 🧾 💳 💰 📷 🔗 ☕ 🥐 🍞 🥨 🍰 🥧 🍓 🥛') },
] as const;
